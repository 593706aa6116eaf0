/** A broker with real sockets and a real clock over a disk of the test's own. */
import { type Broker, openBroker } from '../../packages/broker/src/broker.ts'
import { loadConfig } from '../../packages/broker/src/config/load.ts'
import { NodeClock } from '../../packages/broker/src/node/clock.ts'
import { nodeNetwork } from '../../packages/broker/src/node/network.ts'
import { nodeRandom } from '../../packages/broker/src/node/random.ts'
import type { Disk, Log } from '../../packages/broker/src/world.ts'

export const DATA_FOLDER = '/data'

export interface BrokerOn extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly broker: Broker
  /** The messages logged at `error`. */
  readonly errors: readonly string[]
  /** Resolves when the broker wants to end, with its reason. */
  readonly failed: Promise<Error>
}

export async function brokerOn(
  disk: Disk,
  settings: { readonly [name: string]: string } = {},
): Promise<BrokerOn> {
  const errors: string[] = []
  const ignore = () => undefined
  const log: Log = {
    error: message => void errors.push(message),
    warn: ignore,
    info: ignore,
    debug: ignore,
    with: () => log,
  }
  let fail: (reason: Error) => void = ignore
  const failed = new Promise<Error>(resolve => {
    fail = resolve
  })
  const world = {
    clock: new NodeClock(reason => fail(reason)),
    random: nodeRandom,
    disk,
    network: nodeNetwork(),
    log,
    fail: (reason: Error) => fail(reason),
  }
  const config = loadConfig({
    options: { listeners: 'PLAINTEXT://127.0.0.1:0', 'log.dirs': DATA_FOLDER, ...settings },
  })
  const broker = await openBroker({ world, config, dataDirectory: DATA_FOLDER, storage: 'disk' })
  let hasFailed = false
  void failed.then(() => {
    hasFailed = true
  })
  const [listener] = broker.listeners
  return {
    host: '127.0.0.1',
    port: listener?.port ?? 0,
    broker,
    errors,
    failed,
    async [Symbol.asyncDispose]() {
      if (hasFailed) await broker.abort(await failed)
      else await broker.stop()
    },
  }
}
