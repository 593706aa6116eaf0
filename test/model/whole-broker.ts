/** A whole broker over a disk that forgets, a clock that stands still and a network in memory: nothing happens but what a walk lets happen. */
import {
  type Api,
  decodeResponse,
  encodeRequest,
  type RequestInput,
  type ResponseOf,
} from '@varve/protocol'
import { type Broker, openBroker } from '../../packages/broker/src/broker.ts'
import { loadConfig } from '../../packages/broker/src/config/load.ts'
import { MemoryClock } from '../../packages/broker/src/memory/clock.ts'
import { MemoryNetwork, type MemoryPeer } from '../../packages/broker/src/memory/network.ts'
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'
import type { Random } from '../../packages/broker/src/world.ts'
import { DiskImage } from '../support/disk-image.ts'
import { GatedDisk } from '../support/gated-disk.ts'
import { quietWorld, settle } from '../support/journal-world.ts'
import { type DiskOperation, ModelDisk, type Survival } from '../support/model-disk.ts'

const DATA = '/data'
const PORT = 9_092
/** As many turns without a write say that nothing is going on any more. */
const QUIET_TURNS = 5

export class WholeBroker {
  /** How often it has started. */
  starts = 0
  readonly #settings: { readonly [name: string]: string }
  #image = new DiskImage()
  #nowMs = 1_700_000_000_000
  /** Whether nothing becomes durable. */
  isHolding = false
  #running: Running | undefined

  constructor(settings: { readonly [name: string]: string }) {
    this.#settings = settings
  }

  async start(): Promise<void> {
    const disk = new ModelDisk(this.#image)
    const gate = new GatedDisk(disk)
    const clock = new MemoryClock({ now: this.#nowMs })
    const network = new MemoryNetwork()
    const failures: Error[] = []
    const world = {
      ...quietWorld(gate),
      ...{ clock, network, random: memoryRandom(this.starts + 7) },
      fail: (reason: Error) => void failures.push(reason),
    }
    const listeners = `PLAINTEXT://127.0.0.1:${PORT}`
    const config = loadConfig({
      options: { listeners, 'log.dirs': DATA, ...this.#settings },
    })
    let broker: Broker | undefined
    let failure: Error | undefined
    openBroker({ world, config, dataDirectory: DATA, storage: 'disk' }).then(
      opened => {
        broker = opened
      },
      error => {
        failure = error as Error
      },
    )
    for (let turns = 0; broker === undefined && turns < 10_000; turns += 1) {
      if (failure !== undefined) throw failure
      clock.turn()
      await settle()
    }
    if (broker === undefined) throw new Error('the broker does not start')
    this.starts += 1
    this.isHolding = false
    this.#running = { broker, disk, gate, clock, network, failures }
    await this.settle()
  }

  connect(): Link {
    return new Link(this.#now.network.connect(PORT, { address: '127.0.0.1' }))
  }

  /** Lets everything happen that waits for neither time nor a sync that is held back. */
  async settle(): Promise<void> {
    const { clock, disk, failures } = this.#now
    let operations = disk.operations.length
    for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
      clock.turn()
      await settle()
      if (disk.operations.length !== operations) quiet = 0
      operations = disk.operations.length
    }
    const [failure] = failures
    if (failure !== undefined) throw failure
  }

  async advance(ms: number): Promise<void> {
    this.#now.clock.advance(ms)
    await this.settle()
  }

  /** From now on nothing becomes durable. */
  holdSyncs(): void {
    if (!this.isHolding) this.#now.gate.close()
    this.isHolding = true
  }

  releaseSyncs(): void {
    this.#now.gate.release()
    this.isHolding = false
  }

  /** The bytes of a file as they are in the page cache: more than is durable. */
  async content(path: string): Promise<Buffer> {
    return (await this.#now.disk.readFile(`${DATA}/${path}`)) ?? Buffer.alloc(0)
  }

  /** The machine stops now; of what was not synced some is kept, as the seed says. It starts again. */
  async crash(seed: number): Promise<void> {
    const { disk, clock } = this.#now
    const random = memoryRandom(seed)
    this.#nowMs = clock.now() + 1
    this.#image = disk.imageAfter(disk.operations.length, operation => survival(operation, random))
    await this.start()
  }

  /** Ends as it should, and starts again. */
  async restart(): Promise<void> {
    const { broker, disk, clock } = this.#now
    let isStopped = false
    let failure: Error | undefined
    broker.stop().then(
      () => {
        isStopped = true
      },
      error => {
        failure = error as Error
      },
    )
    for (let turns = 0; !isStopped && turns < 10_000; turns += 1) {
      if (failure !== undefined) throw failure
      clock.advance(1)
      await settle()
    }
    if (!isStopped) throw new Error('the broker does not stop')
    this.#nowMs = clock.now()
    this.#image = disk.imageAfter(disk.operations.length, () => 'kept')
    await this.start()
  }

  get #now(): Running {
    if (this.#running === undefined) throw new Error('the broker was not started')
    return this.#running
  }
}

interface Running {
  readonly broker: Broker
  readonly disk: ModelDisk
  readonly gate: GatedDisk
  readonly clock: MemoryClock
  readonly network: MemoryNetwork
  readonly failures: readonly Error[]
}

function survival(operation: DiskOperation, random: Random): Survival {
  const choice = random.below(3)
  if (choice === 0) return 'kept'
  if (choice === 1 || operation.type !== 'write') return 'lost'
  return { firstBytes: random.below(operation.bytes.length + 1) }
}

/** A client's end of a connection, which hears when the walk wants it to. */
export class Link {
  readonly #peer: MemoryPeer
  readonly #waiting: ((frame: Buffer) => void)[] = []
  #received = Buffer.alloc(0)
  #correlationId = 1

  constructor(peer: MemoryPeer) {
    this.#peer = peer
  }

  get isOpen(): boolean {
    return this.#peer.isOpen
  }

  /** How many answers are outstanding. */
  get waitingCount(): number {
    return this.#waiting.length
  }

  send<A extends Api>(
    asked: { readonly api: A; readonly version: number; readonly request: RequestInput<A> },
    hear: (response: ResponseOf<A>) => void,
  ): void {
    const { api, version, request } = asked
    const header = { correlationId: this.#correlationId++, clientId: 'walk' }
    const frame = Buffer.concat(encodeRequest(api, version, header, request))
    this.#waiting.push(answer => hear(decodeResponse(api, version, answer).response))
    this.#peer.deliver(frame)
  }

  hear(): void {
    this.#received = Buffer.concat([this.#received, this.#peer.take()])
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readInt32BE(0)
      if (this.#received.length < end) return
      const frame = this.#received.subarray(4, end)
      this.#received = this.#received.subarray(end)
      this.#waiting.shift()?.(frame)
    }
  }

  close(): void {
    this.#peer.disconnect()
  }
}
