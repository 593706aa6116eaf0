/** Everything at once: small and large records, durable and relaxed, who reads them as they come, who reads what is old, and commits. */
import type { CommitLoad, Load, ProduceLoad } from './generator.ts'

export interface MixedTopic {
  readonly name: string
  readonly partitions: number
  readonly flushMode: 'durable' | 'relaxed'
  readonly recordBytes: number
  readonly batchBytes: number
  /** Requests a second; of the large ones, as the disk allows. */
  readonly perSecond: number | 'by the disk'
}

const SEGMENT_BYTES = 64 * 2 ** 20
/** Of each partition: the readers have seen it long before it goes. */
const KEPT_BYTES = 2 ** 30
const LARGE_BATCH_BYTES = 2 ** 18
/** Of what the disk can take, in the half that stays below it. */
const BELOW = 0.4
const COLD_RECORDS = 500_000

const small = { partitions: 4, recordBytes: 100, batchBytes: 0, perSecond: 1_000 } as const
const large = {
  ...{ partitions: 4, recordBytes: 1_000, batchBytes: LARGE_BATCH_BYTES },
  perSecond: 'by the disk',
} as const

export const mixedTopics: readonly MixedTopic[] = [
  { name: 'small-durable', flushMode: 'durable', ...small },
  { name: 'small-relaxed', flushMode: 'relaxed', ...small },
  { name: 'large-durable', flushMode: 'durable', ...large },
  { name: 'large-relaxed', flushMode: 'relaxed', ...large },
]

export const topicSettings = ({ flushMode }: MixedTopic): Record<string, string> => ({
  'flush.mode': flushMode,
  'segment.bytes': String(SEGMENT_BYTES),
  'retention.bytes': String(KEPT_BYTES),
})

export interface Window {
  readonly port: number
  readonly forMs: number
  /** Of the disk; `undefined` for all that is taken. */
  readonly megabytesPerSecond: number | undefined
}

/** What one generator sends in a window: in the order of `mixedTopics`, and the commits behind them. */
export function sending({ port, forMs, megabytesPerSecond }: Window): Load {
  const produces = mixedTopics.map((topic): ProduceLoad => {
    const { name, partitions, recordBytes, batchBytes } = topic
    const perSecond = rateOf(topic, megabytesPerSecond)
    return {
      ...{ type: 'produce', port, topic: name, requests: 0, forMs, partitions, recordBytes },
      ...{ batchBytes, connections: 2, inFlight: 8 },
      ...(perSecond === undefined ? {} : { perSecond }),
    }
  })
  const commits: CommitLoad = {
    ...{ type: 'commit', port, topic: 'small-durable', requests: 0, forMs },
    ...{ connections: 4, inFlight: 4, perSecond: 100 },
  }
  return { type: 'together', loads: [...produces, commits] }
}

function rateOf(topic: MixedTopic, megabytesPerSecond: number | undefined): number | undefined {
  if (topic.perSecond !== 'by the disk') return topic.perSecond
  if (megabytesPerSecond === undefined) return undefined
  const shares = mixedTopics.filter(({ perSecond }) => perSecond === 'by the disk').length
  return (megabytesPerSecond * BELOW * 1e6) / shares / topic.batchBytes
}

/** Where the tail readers are, by topic and partition. */
export type Positions = readonly (readonly number[])[]

/** What the other one reads: each partition as it grows, and one of them from its beginning. */
export function reading({ port, forMs }: Window, positions: Positions, earliest: number): Load {
  const limits = { maxBytes: 2 ** 20, minBytes: 1, maxWaitMs: 500 }
  const tails = mixedTopics.map(
    ({ name, partitions }, index): Load => ({
      ...{ type: 'consume', port, topic: name, connections: partitions, forMs, ...limits },
      ...{ partitions: [...Array(partitions).keys()], until: Number.MAX_SAFE_INTEGER },
      from: positions[index] ?? [],
    }),
  )
  const cold: Load = {
    ...{ type: 'consume', port, topic: 'large-durable', connections: 1, forMs, ...limits },
    ...{ partitions: [0], until: earliest + COLD_RECORDS, from: [earliest], mayBeGone: true },
  }
  return { type: 'together', loads: [...tails, cold] }
}

/** The rest of everything. */
export function catchingUp(port: number, positions: Positions): Load {
  const loads = mixedTopics.map(
    ({ name, partitions }, index): Load => ({
      ...{ type: 'consume', port, topic: name, connections: partitions, until: 'end' },
      ...{ partitions: [...Array(partitions).keys()], from: positions[index] ?? [] },
      ...{ maxBytes: 2 ** 20, minBytes: 0, maxWaitMs: 0 },
    }),
  )
  return { type: 'together', loads }
}
