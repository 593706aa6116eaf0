/** A broker inside the caller's process: for tests, and for programs that bring their own. */
import { type Broker, openBroker } from './broker.ts'
import { loadConfig } from './config/load.ts'
import { memoryWorld } from './memory/world.ts'
import { NodeClock } from './node/clock.ts'
import { type LogLevel, nodeLog, silentLog } from './node/log.ts'
import { nodeNetwork } from './node/network.ts'
import { nodeRandom } from './node/random.ts'
import { absolutePath, makeTemporaryDirectory } from './node/this-process.ts'
import { nodeWorld } from './node/world.ts'
import type { Log, World } from './world.ts'

/** How a broker inside the caller's process is to run. Everything may be left out. */
export interface StartBrokerOptions {
  /** The port to listen on; a free one when it is left out or 0. */
  readonly port?: number
  /** The address to listen on; 127.0.0.1 when it is left out. */
  readonly host?: string
  /** The data folder, which stays. Left out: a temporary one, which is removed at the end. */
  readonly directory?: string
  /** `adopt`: takes over what Kafka left in `directory`. Left out, a folder of Kafka's is refused, and folders that nobody knows are left alone. */
  readonly foreignLogs?: 'adopt' | 'refuse'
  /** `memory`: nothing is written anywhere. */
  readonly storage?: 'disk' | 'memory'
  /** Settings by Kafka's names, such as `{ 'log.segment.bytes': 1048576 }`. */
  readonly settings?: { readonly [name: string]: string | number | boolean }
  /** Where the broker's log lines go: standard error from this level on, or a log of the caller's. Left out: nowhere. */
  readonly log?: LogLevel | Log
}

/** A broker that runs inside this process. */
export interface RunningBroker extends AsyncDisposable {
  /** `127.0.0.1:PORT`, for the `brokers` of a client. */
  readonly address: string
  readonly host: string
  readonly port: number
  readonly clusterId: string
  /** The data folder; undefined with `storage: 'memory'`. */
  readonly directory: string | undefined
  /** Resolves with the reason if the broker ends by itself: a failed disk, or a bug. It never rejects, and a stopped broker leaves it open. */
  readonly failed: Promise<Error>
  /** Answers what it can, syncs, and ends. May be called again. */
  stop(): Promise<void>
}

/** What a disk in memory holds before it is full. */
const MEMORY_DISK_BYTES = 2 ** 34

/**
 * Starts a broker in this process and resolves once it takes connections. Several may run side by side. It never ends the
 * process, and it keeps its own timers: fake ones that a test installs later do not stop it.
 *
 * @example
 * ```ts
 * await using broker = await startBroker({ port: 0 })
 * const varve = new Varve({ brokers: [broker.address] })
 * ```
 */
export async function startBroker(options: StartBrokerOptions = {}): Promise<RunningBroker> {
  const storage = options.storage ?? 'disk'
  const temporary =
    storage === 'disk' && options.directory === undefined ? makeTemporaryDirectory() : undefined
  const directory =
    temporary?.path ?? (storage === 'memory' ? '/varve' : absolutePath(options.directory ?? ''))
  const failure = new Failure()
  try {
    const config = loadConfig({ options: settingsOf(options, directory) })
    const world = worldOf(storage, logOf(options), reason => failure.happened(reason))
    const { foreignLogs } = options
    const broker = await openBroker({
      ...{ world, config, storage, foreignLogs },
      dataDirectory: directory,
    })
    failure.broker = broker
    return new InProcessBroker(broker, {
      directory: storage === 'memory' ? undefined : directory,
      failed: failure.promise,
      removeDirectory: () => temporary?.remove(),
    })
  } catch (error) {
    temporary?.remove()
    throw error
  }
}

function settingsOf(options: StartBrokerOptions, directory: string): { [name: string]: string } {
  const host = options.host ?? '127.0.0.1'
  const listeners = `PLAINTEXT://${host.includes(':') ? `[${host}]` : host}:${options.port ?? 0}`
  const settings: { [name: string]: string } = { listeners, 'log.dirs': directory }
  for (const [name, value] of Object.entries(options.settings ?? {})) settings[name] = String(value)
  return settings
}

function logOf({ log }: StartBrokerOptions): Log {
  if (log === undefined) return silentLog
  return typeof log === 'string' ? nodeLog({ fd: 2, level: log }) : log
}

function worldOf(storage: 'disk' | 'memory', log: Log, fail: (reason: Error) => void): World {
  if (storage === 'disk') return nodeWorld({ log, fail })
  return memoryWorld({
    clock: new NodeClock(fail),
    random: nodeRandom,
    network: nodeNetwork(),
    log,
    fail,
    diskBytes: MEMORY_DISK_BYTES,
  })
}

/** The first reason to fail, and what it does: the broker ends, its host learns of it. */
class Failure {
  readonly promise: Promise<Error>
  #resolve: ((reason: Error) => void) | undefined
  #reason: Error | undefined
  #broker: Broker | undefined

  constructor() {
    this.promise = new Promise(resolve => {
      this.#resolve = resolve
    })
  }

  set broker(broker: Broker) {
    this.#broker = broker
    if (this.#reason !== undefined) void broker.abort(this.#reason)
  }

  happened(reason: Error): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    void this.#broker?.abort(reason)
    this.#resolve?.(reason)
  }
}

interface InProcess {
  readonly directory: string | undefined
  readonly failed: Promise<Error>
  readonly removeDirectory: () => void
}

class InProcessBroker implements RunningBroker {
  readonly address: string
  readonly host: string
  readonly port: number
  readonly clusterId: string
  readonly directory: string | undefined
  readonly failed: Promise<Error>
  readonly #broker: Broker
  readonly #removeDirectory: () => void

  constructor(broker: Broker, { directory, failed, removeDirectory }: InProcess) {
    const [listener] = broker.listeners
    this.host = listener?.host ?? '127.0.0.1'
    this.port = listener?.port ?? 0
    this.address = `${this.host}:${this.port}`
    this.clusterId = broker.clusterId
    this.directory = directory
    this.failed = failed
    this.#broker = broker
    this.#removeDirectory = removeDirectory
  }

  async stop(): Promise<void> {
    await this.#broker.stop()
    this.#removeDirectory()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}
