import { connect as connectSocket } from 'node:net'
import type { Varve } from '@varve/client'
import type { Argv } from 'yargs'
import { CommandError, UsageError } from './command-error.ts'
import type { Terminal } from './terminal.ts'

/** The options of every command that talks to a cluster. */
export interface ConnectOptions {
  readonly bootstrapServer: string | undefined
  readonly timeout: number
  readonly verbose: boolean
}

export const BOOTSTRAP_SERVER_DEFAULT = 'localhost:9092'
const CONNECT_TIMEOUT_MS = 5000

/** Adds `--bootstrap-server`, `--timeout` and `--verbose`. */
export function connectOptions(yargs: Argv<object>): Argv<object> {
  return yargs
    .option('bootstrap-server', {
      alias: ['b', 'bootstrap'],
      type: 'string',
      describe: `Brokers to begin with, as host:port[,host:port]  [default: ${BOOTSTRAP_SERVER_DEFAULT}]`,
    })
    .option('timeout', {
      type: 'number',
      default: 30,
      describe: 'Seconds that the cluster may take to answer, retries included',
    })
    .option('verbose', {
      type: 'boolean',
      default: false,
      describe: 'Say what was coped with: retries, reconnections',
    })
    .group(['bootstrap-server', 'timeout', 'verbose'], 'Connection:')
}

/**
 * The cluster that the options name. Somebody must listen there, or it is said at once: the client itself would go on trying, which is
 * right for a service and not for a person.
 */
export async function connect(options: ConnectOptions, terminal: Terminal): Promise<Varve> {
  const { timeout } = options
  if (!(timeout > 0 && timeout <= 86_400)) {
    throw new UsageError(`--timeout is ${timeout}; expected seconds, more than 0`)
  }
  const brokers = bootstrapServers(options, terminal)
  // Loaded here, so that help does not wait for it.
  const { Varve } = await import('@varve/client')
  const varve = new Varve({
    brokers,
    clientId: 'varve-command',
    apiTimeoutMs: Math.ceil(timeout * 1000),
    log: logTo(terminal, options.verbose),
  })
  await mustListen(brokers)
  return varve
}

function bootstrapServers(options: ConnectOptions, terminal: Terminal): readonly string[] {
  const { bootstrapServer } = options
  const text =
    bootstrapServer || terminal.environment['VARVE_BOOTSTRAP_SERVER'] || BOOTSTRAP_SERVER_DEFAULT
  return text
    .split(',')
    .map(server => server.trim())
    .filter(server => server !== '')
    .map(server => (/:\d+$/.test(server) ? server : `${server}:9092`))
}

async function mustListen(brokers: readonly string[]): Promise<void> {
  try {
    await Promise.any(brokers.map(reach))
  } catch (error) {
    const [first] = (error as AggregateError).errors as [Error]
    throw new CommandError(
      `No broker answers at ${brokers.join(', ')} (${first.message}); is it running? varve start starts one here`,
    )
  }
}

function reach(broker: string): Promise<void> {
  const at = broker.lastIndexOf(':')
  const host = broker
    .slice(0, at)
    .replace(/^.*\/\//, '')
    .replace(/^\[(.*)\]$/, '$1')
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ host, port: Number(broker.slice(at + 1)) })
    const end = (error?: NodeJS.ErrnoException) => {
      socket.destroy()
      if (error === undefined) resolve()
      else reject(new Error(REASONS[error.code ?? ''] ?? error.message))
    }
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => end(new Error('it took too long')))
    socket.once('connect', () => end())
    socket.once('error', end)
  })
}

const REASONS: { readonly [code: string]: string } = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'unknown host',
  EAI_AGAIN: 'unknown host',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
}

function logTo(terminal: Terminal, verbose: boolean) {
  const say = (message: string, fields?: object) => {
    if (verbose)
      terminal.say(fields === undefined ? message : `${message} ${JSON.stringify(fields)}`)
  }
  return { error: say, warn: say, info: say, debug: () => undefined }
}
