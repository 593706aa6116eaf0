import type { ConfigResource } from '@varve/client'
import { type ConnectOptions, connect } from './connect.ts'
import { type PrintOptions, print } from './print.ts'
import { type SettingOptions, settingChanges } from './setting-changes.ts'
import type { Terminal } from './terminal.ts'

/** Changes the settings of one topic or broker as the options say, and says that it did. */
export async function alterSettings(
  resource: ConfigResource,
  options: ConnectOptions & PrintOptions & SettingOptions,
  terminal: Terminal,
): Promise<void> {
  const changes = settingChanges(resource, options)
  const varve = await connect(options, terminal)
  await using admin = varve.admin()
  const [outcome] = await admin.incrementalAlterConfigs([changes], { validateOnly: options.dryRun })
  if (outcome?.error !== undefined) throw outcome.error
  const { type, name, ...changed } = changes
  await print(options, terminal, {
    data: { type, name, changed: !options.dryRun, ...changed },
    text: () =>
      `The settings of ${type} ${name === '' ? 'default' : name} ${options.dryRun ? 'could be' : 'are'} changed.\n`,
  })
}
