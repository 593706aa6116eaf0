/**
 * The load, in a process of its own: whole frames prepared before the clock starts, a raw socket, and no more reading of the
 * answers than is needed. Started with `fork`; each message is a job, each answer its measurement.
 */
import { once } from 'node:events'
import { type Consumed, type ConsumeLoad, consume } from './consume.ts'
import { type Driven, openDrivers, type Plan } from './drive.ts'
import { commitFrame, fetchFrame, produceFrame, recordsInBatch } from './frames.ts'
import { type Latencies, type OpenLoad, openLoop } from './open-loop.ts'

export type Load = ClosedLoad | ConsumeLoad | OpenLoad | TogetherLoad
type ClosedLoad = ProduceLoad | FetchLoad | CommitLoad

interface LoadTarget {
  readonly port: number
  readonly topic: string
  /** Requests in all; the load ends when the last is answered. */
  readonly requests: number
}

export interface ProduceLoad extends LoadTarget {
  readonly type: 'produce'
  readonly recordBytes: number
  readonly batchBytes: number
  readonly partitions: number
  /** With more than there are partitions, they share them. */
  readonly connections: number
  /** Per connection. */
  readonly inFlight: number
  /** Ends the load instead of `requests`. */
  readonly forMs?: number
  /** Requests a second at the most, over all connections. */
  readonly perSecond?: number
}

export interface FetchLoad extends LoadTarget {
  readonly type: 'fetch'
  readonly offset: number
  readonly maxBytes: number
  readonly inFlight: number
}

/** Offset commits, each of one partition, by a group of its own for each connection. */
export interface CommitLoad extends LoadTarget {
  readonly type: 'commit'
  readonly connections: number
  /** Per connection. */
  readonly inFlight: number
  readonly forMs?: number
  readonly perSecond?: number
}

/** Several at once, measured as one. */
export interface TogetherLoad {
  readonly type: 'together'
  readonly loads: readonly Load[]
}

export interface Measured {
  readonly elapsedMs: number
  readonly requests: number
  readonly answerBytes: number
  readonly generatorCpuMs: number
  /** Acknowledged, or read. */
  readonly records?: number
  /** Bytes of the batches that were read. */
  readonly recordsBytes?: number
  /** Of a produce: acknowledged records by partition. Of a consumer: where each partition was left. */
  readonly positions?: readonly number[]
  readonly latencies?: Latencies
  readonly parts?: readonly Outcome[]
}

/** What one load comes to, without its costs. */
export type Outcome = Omit<Measured, 'elapsedMs' | 'generatorCpuMs'>

/** Ready to start; connecting and preparing are over. */
type Ready = () => Promise<Outcome>

function plansOf(load: ClosedLoad): Plan[] {
  const { port, requests, topic, inFlight } = load
  switch (load.type) {
    case 'fetch': {
      const frames = [fetchFrame(topic, load.offset, load.maxBytes)]
      const endless = { forMs: undefined, perSecond: undefined, errorAt: undefined }
      return [{ port, frames, requests, inFlight, ...endless }]
    }
    case 'commit': {
      // Size, correlation id, tags, throttle time, topics, name, partitions, index.
      const errorAt = 4 + 4 + 1 + 4 + 1 + 1 + topic.length + 1 + 4
      return shared(load).map((each, index) => ({
        ...each,
        frames: [commitFrame(`group-${index}`, topic)],
        errorAt,
      }))
    }
    case 'produce': {
      const { connections, partitions, recordBytes, batchBytes } = load
      // Size, correlation id, tags, topics, name, partitions, index.
      const errorAt = 4 + 4 + 1 + 1 + 1 + topic.length + 1 + 4
      return shared(load).map((each, index) => ({
        ...each,
        frames: partitionsOf(index, partitions, connections).map(partition =>
          produceFrame({ topic, partition, recordBytes, batchBytes }),
        ),
        errorAt,
      }))
    }
  }
}

/** Which partitions a connection writes to. */
function partitionsOf(connection: number, partitions: number, connections: number): number[] {
  if (connections > partitions) return [connection % partitions]
  const all = Array.from({ length: partitions }, (_, partition) => partition)
  return all.filter(partition => partition % connections === connection)
}

function shared(load: ProduceLoad | CommitLoad): Omit<Plan, 'frames' | 'errorAt'>[] {
  const { port, connections, inFlight, forMs, perSecond } = load
  const requests = forMs === undefined ? Math.floor(load.requests / connections) : Infinity
  const each = perSecond === undefined ? undefined : perSecond / connections
  return Array.from({ length: connections }, () => ({
    ...{ port, requests, inFlight, forMs, perSecond: each },
  }))
}

async function closedReady(load: ClosedLoad): Promise<Ready> {
  const drivers = await openDrivers(plansOf(load))
  return async () => {
    const driven = await Promise.all(drivers.map(driver => driver.start()))
    const requests = driven.reduce((sum, { answered }) => sum + answered, 0)
    const answerBytes = driven.reduce((sum, one) => sum + one.answerBytes, 0)
    return { requests, answerBytes, ...(load.type === 'produce' && produced(load, driven)) }
  }
}

function produced(load: ProduceLoad, driven: readonly Driven[]): Partial<Outcome> {
  const perBatch = recordsInBatch(load.recordBytes, load.batchBytes)
  const positions = Array.from({ length: load.partitions }, () => 0)
  for (const [connection, { answeredByFrame }] of driven.entries()) {
    const own = partitionsOf(connection, load.partitions, load.connections)
    for (const [index, answered] of answeredByFrame.entries()) {
      const partition = own[index] ?? 0
      positions[partition] = (positions[partition] ?? 0) + answered * perBatch
    }
  }
  return { positions, records: positions.reduce((sum, records) => sum + records, 0) }
}

async function readyFor(load: Load): Promise<Ready> {
  switch (load.type) {
    case 'produce':
    case 'fetch':
    case 'commit':
      return closedReady(load)
    case 'consume':
      return async () => outcomeOf(await consume(load))
    case 'open':
      return async () => {
        const latencies = await openLoop(load)
        const records = Math.round((load.perSecond * load.forMs) / 1000)
        return { requests: records, answerBytes: 0, records, latencies }
      }
    case 'together': {
      const all = await Promise.all(load.loads.map(readyFor))
      return async () => {
        const parts = await Promise.all(all.map(start => start()))
        return {
          requests: parts.reduce((sum, part) => sum + part.requests, 0),
          answerBytes: parts.reduce((sum, part) => sum + part.answerBytes, 0),
          parts,
        }
      }
    }
  }
}

function outcomeOf({ records, answers, recordsBytes, positions }: Consumed): Outcome {
  return { requests: answers, answerBytes: recordsBytes, records, recordsBytes, positions }
}

async function run(load: Load): Promise<Measured> {
  const start = await readyFor(load)
  process.send?.({ ready: true })
  await once(process, 'message')
  const cpu = process.cpuUsage()
  const began = performance.now()
  const outcome = await start()
  const elapsedMs = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  return { ...outcome, elapsedMs, generatorCpuMs: (user + system) / 1000 }
}

process.on('message', (message: { readonly load: Load } | 'go') => {
  if (message === 'go') return
  run(message.load).then(
    measured => process.send?.({ measured }),
    (error: Error) => process.send?.({ problem: error.message }),
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
