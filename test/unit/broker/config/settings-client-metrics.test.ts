import { expect, it } from 'vitest'
import { refusal } from '../../../../packages/broker/src/config/accepts.ts'
import { clientMetricsSettings } from '../../../../packages/broker/src/config/settings-client-metrics.ts'

it('has defaults that it accepts', () => {
  for (const [name, setting] of Object.entries(clientMetricsSettings))
    expect([name, refusal(setting, setting.default ?? '')]).toEqual([name, undefined])
})
