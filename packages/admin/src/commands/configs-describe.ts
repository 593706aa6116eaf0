import type { DescribedConfig } from '@varve/client'
import type { Command } from '../command.ts'
import { configResource } from '../config-resource.ts'
import { type ConnectOptions, connect, connectOptions } from '../connect.ts'
import { type PrintOptions, print, printOptions } from '../print.ts'
import { table } from '../table.ts'

interface Options extends ConnectOptions, PrintOptions {
  readonly type: string
  readonly name: string | undefined
  readonly setting: readonly string[] | undefined
  readonly all: boolean
  readonly synonyms: boolean
}

/** `varve configs describe` */
export const configsDescribe: Command<Options> = {
  options: yargs =>
    printOptions(connectOptions(yargs))
      .positional('type', {
        type: 'string',
        demandOption: true,
        describe: 'topic, broker or group',
      })
      .positional('name', {
        type: 'string',
        describe: "Its name, a broker's id, or default for all brokers",
      })
      .option('setting', {
        type: 'string',
        array: true,
        nargs: 1,
        requiresArg: true,
        describe: 'Only these settings',
      })
      .option('all', {
        type: 'boolean',
        default: false,
        describe: 'Those that have their default too',
      })
      .option('synonyms', {
        type: 'boolean',
        default: false,
        describe: 'Show which values stand behind each one',
      })
      .example('$0 configs describe topic orders', '')
      .example('$0 configs describe broker 1 --all --json', ''),

  async run(options, terminal) {
    const resource = configResource(options.type, options.name)
    const varve = await connect(options, terminal)
    await using admin = varve.admin()
    const [described] = await admin.describeConfigs([resource], {
      includeSynonyms: options.synonyms,
      includeDocumentation: options.json,
      ...(options.setting === undefined ? {} : { names: options.setting }),
    })
    if (described?.error !== undefined) throw described.error
    const all = described?.configs ?? []
    const showsAll = options.all || options.setting !== undefined
    const shown = all.filter(config => showsAll || config.source !== 'default')
    await print(options, terminal, { data: shown, text: () => asText(shown, options.synonyms) })
    if (!options.json && shown.length < all.length) {
      terminal.say(`${all.length - shown.length} more have their default; --all shows them.`)
    }
  },
}

function asText(configs: readonly DescribedConfig[], synonyms: boolean): string {
  if (configs.length === 0) return ''
  const rows = configs.map(config => [
    config.name,
    config.isSensitive ? '(secret)' : (config.value ?? '(none)'),
    config.source,
    config.isReadOnly ? 'read-only' : '',
    synonyms
      ? config.synonyms.map(({ name, value, source }) => `${name}=${value} (${source})`).join(', ')
      : '',
  ])
  const headings = ['SETTING', 'VALUE', 'FROM', '', synonyms ? 'SYNONYMS' : '']
  return table(headings, rows)
}
