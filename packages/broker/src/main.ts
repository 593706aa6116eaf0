#!/usr/bin/env node
/** The broker as a program: arguments, settings, the real machine, a banner, and a clean stop on request. */
import { type Broker, openBroker } from './broker.ts'
import { ConfigError } from './config/config-error.ts'
import { type LoadedConfig, loadConfig } from './config/load.ts'
import { nodeLog } from './node/log.ts'
import {
  absolutePath,
  commandArguments,
  environment,
  exit,
  onCrash,
  onStopSignals,
  print,
  printError,
  readText,
  widenThreadPool,
} from './node/this-process.ts'
import { nodeWorld } from './node/world.ts'
import { startFailure } from './server/start-failure.ts'

const USAGE = `Usage: varve-broker [options]

  --config FILE          settings as lines of key=value, by Kafka's names
  --override KEY=VALUE   one setting; may be repeated, and is stronger than file and environment
  --data DIR             the data folder (log.dirs), ./data when nothing says otherwise
  --host HOST            the address to listen on, 127.0.0.1 when nothing says otherwise
  --port PORT            the port to listen on, 9092 when nothing says otherwise; 0 for a free one
  --adopt                takes over what Kafka left in the data folder; without it, it is named and left alone
  -h, --help             this text

Settings are also taken from the environment, as Kafka's container images do: KAFKA_LOG_RETENTION_MS is log.retention.ms.

Examples:
  npm start
  npm start -- --port 9093 --data /var/lib/varve
  npm start -- --override flush.mode=relaxed --override num.partitions=3
  npm start -- --data /var/lib/kafka --adopt`

const DEFAULT_HOST = '127.0.0.1'
const DEFAULT_PORT = '9092'
const DEFAULT_DATA = './data'

interface Arguments {
  readonly configFile: string | undefined
  readonly overrides: readonly string[]
  readonly data: string | undefined
  readonly host: string | undefined
  readonly port: string | undefined
  readonly foreignLogs: 'adopt' | 'refuse'
  readonly isHelp: boolean
}

await main()

async function main(): Promise<void> {
  widenThreadPool()
  const log = nodeLog({ fd: 2, level: 'info' })
  let broker: Broker | undefined
  const die = (reason: Error): void => {
    log.error('the broker ends', { reason })
    log.flush()
    if (broker === undefined) exit(1)
    void broker.abort(reason).finally(() => exit(1))
  }
  onCrash(die)
  try {
    const args = parseArguments(commandArguments())
    if (args.isHelp) {
      print(USAGE)
      return
    }
    const config = configOf(args)
    for (const warning of config.warnings) log.warn(warning)
    const world = nodeWorld({ log, fail: die })
    broker = await openBroker({
      world,
      config,
      dataDirectory: dataDirectoryOf(config),
      storage: 'disk',
      foreignLogs: args.foreignLogs,
    })
    print(banner(broker))
  } catch (error) {
    log.flush()
    printError(startFailure(error))
    exit(1)
  }
  const running = broker
  onStopSignals(
    () => void stop(running, () => log.flush()).catch(die),
    () => exit(130),
  )
}

async function stop(broker: Broker, flush: () => void): Promise<void> {
  await broker.stop()
  flush()
  exit(0)
}

function parseArguments(words: readonly string[]): Arguments {
  const values = new Map<string, string[]>()
  let isHelp = false
  let foreignLogs: Arguments['foreignLogs'] = 'refuse'
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    if (word === '-h' || word === '--help') {
      isHelp = true
      continue
    }
    if (word === '--adopt') {
      foreignLogs = 'adopt'
      continue
    }
    const [, name, inline] = /^--(config|override|data|host|port)(?:=(.*))?$/s.exec(word) ?? []
    if (name === undefined)
      throw new ConfigError(`${word} is no option of the broker; --help lists them.`)
    const value = inline ?? words[++index]
    if (value === undefined) throw new ConfigError(`--${name} needs a value; --help shows how.`)
    values.set(name, [...(values.get(name) ?? []), value])
  }
  const last = (name: string) => values.get(name)?.at(-1)
  return {
    configFile: last('config'),
    overrides: values.get('override') ?? [],
    data: last('data'),
    host: last('host'),
    port: last('port'),
    foreignLogs,
    isHelp,
  }
}

function configOf(args: Arguments): LoadedConfig {
  const file = args.configFile === undefined ? undefined : readText(args.configFile)
  if (args.configFile !== undefined && file === undefined) {
    throw new ConfigError(`The configuration file ${args.configFile} cannot be read.`)
  }
  if (args.port !== undefined && !(/^\d{1,5}$/.test(args.port) && Number(args.port) <= 65_535)) {
    throw new ConfigError(
      `--port has ${JSON.stringify(args.port)}; expected a number from 0 to 65535.`,
    )
  }
  const isPlaced = args.host !== undefined || args.port !== undefined
  const host = args.host ?? DEFAULT_HOST
  const listeners = `PLAINTEXT://${host.includes(':') ? `[${host}]` : host}:${args.port ?? DEFAULT_PORT}`
  const data = args.data === undefined ? undefined : absolutePath(args.data)
  const load = (dataDirectory: string | undefined): LoadedConfig =>
    loadConfig({
      file,
      environment: environment(),
      overrides: args.overrides,
      options: { listeners: isPlaced ? listeners : undefined, 'log.dirs': dataDirectory },
    })
  const config = load(data)
  const isGiven = config.settings.isGiven('log.dirs') || config.settings.isGiven('log.dir')
  return isGiven ? config : load(absolutePath(DEFAULT_DATA))
}

function dataDirectoryOf({ dataDirectories }: LoadedConfig): string {
  const [directory] = dataDirectories
  if (directory === undefined || dataDirectories.length > 1) {
    throw new ConfigError(
      `log.dirs has ${dataDirectories.length} folders; this version of Varve works with one.`,
    )
  }
  return absolutePath(directory)
}

function banner(broker: Broker): string {
  const [address] = broker.addresses
  const at = address ?? 'nowhere'
  const durability =
    broker.flushMode === 'durable'
      ? 'durable: an acknowledged record is synced to the disk'
      : 'relaxed: an acknowledged record survives kill -9, not a loss of power'
  const bootstrap = at.endsWith(':9092') ? '' : ` -b ${at}`
  return `
  Varve is running.

    address      ${broker.addresses.join(', ')}
    data folder  ${broker.dataDirectory}
    durability   ${durability}

  Try next, in another terminal:

    npx varve topics create orders --partitions 3${bootstrap}
    echo 'hello' | npx varve produce orders${bootstrap}
    npx varve consume orders --from beginning${bootstrap}
`
}
