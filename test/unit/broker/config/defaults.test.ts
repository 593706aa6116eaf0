import { expect, it } from 'vitest'
import { refusal } from '../../../../packages/broker/src/config/accepts.ts'
import { standaloneDefaults } from '../../../../packages/broker/src/config/defaults.ts'
import { BROKER_SETTINGS } from '../../../../packages/broker/src/config/settings-table.ts'

it('are values that their settings accept', () => {
  for (const [name, value] of standaloneDefaults)
    expect(refusal(BROKER_SETTINGS[name], value)).toBeUndefined()
})
