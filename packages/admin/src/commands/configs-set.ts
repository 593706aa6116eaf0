import { alterSettings } from '../alter-settings.ts'
import type { Command } from '../command.ts'
import { configResource } from '../config-resource.ts'
import { type ConnectOptions, connectOptions } from '../connect.ts'
import { type PrintOptions, printOptions } from '../print.ts'
import { type SettingOptions, settingOptions } from '../setting-changes.ts'

interface Options extends ConnectOptions, PrintOptions, SettingOptions {
  readonly type: string
  readonly name: string
}

/** `varve configs set` */
export const configsSet: Command<Options> = {
  options: yargs =>
    settingOptions(
      printOptions(connectOptions(yargs))
        .positional('type', {
          type: 'string',
          demandOption: true,
          describe: 'topic, broker or group',
        })
        .positional('name', {
          type: 'string',
          demandOption: true,
          describe: "Its name, a broker's id, or default for all brokers",
        }),
    )
      .example('$0 configs set topic orders retention.ms=86400000', '')
      .example('$0 configs set broker default --remove log.retention.ms', ''),

  run: (options, terminal) =>
    alterSettings(configResource(options.type, options.name), options, terminal),
}
