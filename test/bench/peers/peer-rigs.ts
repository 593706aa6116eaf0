/** Varve and the brokers that speak other protocols, as one kind of thing to load. */
import type { Load, Measured } from '../generator.ts'
import type { Generator } from '../workers.ts'
import { startVarve, type WarmUps } from './kafka-sides.ts'
import { type PeerLoad, protocolOf } from './peer-loads.ts'
import { type PeerProgram, startPeer } from './peer-server.ts'
import type { Named } from './peer-tables.ts'
import { openTopic, removeTopic } from './topic-turn.ts'

/** One that takes part. */
export interface Rig extends Named, AsyncDisposable {
  readonly pid: number
  /** Whether the protocol has a way to publish many records at once. */
  readonly hasBatches: boolean
  readonly warmUpMs: number
  create(stream: string): Promise<void>
  remove(stream: string): Promise<void>
  publish(stream: string, publishing: Publishing): Promise<Measured>
  /** From the first to the last; fails when another number of them comes. */
  read(stream: string, records: number): Promise<Measured>
  steady(stream: string, pace: SteadyPace): Promise<Measured>
}

export interface Publishing {
  readonly recordBytes: number
  /** Records that are sent and acknowledged together are about so many bytes; 0: one by one. */
  readonly batchBytes: number
  readonly inFlight: number
  readonly forMs: number
}

export interface SteadyPace {
  readonly recordBytes: number
  readonly perSecond: number
  readonly forMs: number
  readonly warmUpMs: number
}

/** Sends a load to the generator for other protocols. */
export type RunPeerLoad = (load: PeerLoad) => Promise<Measured>

const READ_BYTES = 2 ** 20

export async function varveRig(
  kind: 'relaxed' | 'durable',
  generator: Generator,
  warmUps: WarmUps,
): Promise<Rig> {
  const side = await startVarve(kind, warmUps)
  const { name, answerMeans, pid, port, warmUpMs } = side
  const run = (load: Load): Promise<Measured> => generator.run(load)
  const single = { partitions: 1, connections: 1 }
  return {
    ...{ name, answerMeans, pid, warmUpMs, hasBatches: true },
    create: stream => openTopic(side, { name: stream, partitions: 1 }),
    remove: stream => removeTopic(side, { name: stream, partitions: 1 }),
    publish: (topic, publishing) =>
      run({ ...single, ...publishing, type: 'produce', port, topic, requests: 0 }),
    async read(topic, records) {
      const read = await run({
        ...{ type: 'consume', port, topic, partitions: [0], connections: 1, until: 'end' },
        ...{ maxBytes: READ_BYTES, minBytes: 1, maxWaitMs: 500 },
      })
      if (read.records === records) return read
      throw new Error(`${name}: ${read.records} records came instead of ${records}`)
    },
    steady: (topic, pace) => run({ ...pace, type: 'open', port, topic }),
    [Symbol.asyncDispose]: () => side[Symbol.asyncDispose](),
  }
}

export async function peerRig(
  program: PeerProgram,
  run: RunPeerLoad,
  warmUpMs: number,
): Promise<Rig> {
  const server = await startPeer(program)
  const { name, answerMeans, pid, port, protocol } = server
  const spoken = protocolOf(protocol)
  return {
    ...{ name, answerMeans, pid, warmUpMs, hasBatches: protocol === 'rabbitmq' },
    create: stream => spoken.create({ port, stream }),
    remove: stream => spoken.remove({ port, stream }),
    publish(stream, { batchBytes, recordBytes, ...rest }) {
      const recordsPerFrame = Math.max(1, Math.floor(batchBytes / recordBytes))
      return run({ ...rest, type: 'publish', protocol, port, stream, recordBytes, recordsPerFrame })
    },
    read: (stream, records) => run({ type: 'read', protocol, port, stream, records }),
    steady: (stream, pace) => run({ ...pace, type: 'steady', protocol, port, stream }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
