import { expect, it } from 'vitest'
import { alterSettings } from '../../../packages/admin/src/alter-settings.ts'
import { UsageError } from '../../../packages/admin/src/command-error.ts'
import type { Terminal } from '../../../packages/admin/src/terminal.ts'

it('alterSettings refuses to change nothing before it connects', async () => {
  const options = {
    bootstrapServer: '127.0.0.1:1',
    timeout: 1,
    verbose: false,
    json: false,
    settings: undefined,
    remove: undefined,
    append: undefined,
    subtract: undefined,
    dryRun: false,
  }
  const altering = alterSettings({ type: 'topic', name: 'a' }, options, {} as Terminal)
  await expect(altering).rejects.toThrow(UsageError)
})
