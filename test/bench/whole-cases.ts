/** The loads of `npm run bench` that have a counterpart in the null broker. */
import type { Sample } from './accounting.ts'
import { recordsInBatch } from './frames.ts'
import type { Load, ProduceLoad } from './generator.ts'

export interface WholeCase {
  readonly name: string
  /** Of ours, relaxed, over the null broker. */
  readonly aim: number | undefined
  readonly unit: 'requests/s' | 'MB/s'
  readonly partitions: number
  readonly load: (port: number, topic: string) => Load
  /** How many of `unit` a run did. */
  readonly units: (sample: Sample) => number
  /** Only read: filled once for all rounds, with this. */
  readonly fill?: (port: number, topic: string) => ProduceLoad
  /** Where the null broker's answers come from. */
  readonly serve: 'memory' | 'file'
  /** The kernel forgets the files before each run. */
  readonly isForgotten: boolean
  /** Measured with pinned processes as well. */
  readonly isPinnedToo: boolean
  /** Durable acknowledgements of small requests take longer: their side gets this share of the requests. */
  readonly durableShare: number
}

const MEBIBYTE = 2 ** 20
const COLD_PARTITIONS = 4
const COLD_BATCHES = 1_024
const COLD_BATCH_BYTES = 65_536
/** What each partition has at the end may lie in the tail cache (64 MiB for the broker): it is not asked for. */
const COLD_READ_SHARE = 0.6

export function wholeCases(scale: number): WholeCase[] {
  const small = { batchBytes: 100, isPinnedToo: true, aim: 0.6 }
  return [
    produce({ ...small, requests: 5_000 * scale, inFlight: 1, isPinnedToo: false, aim: undefined }),
    produce({ ...small, requests: 25_000 * scale, inFlight: 5 }),
    produce({ ...small, requests: 80_000 * scale, inFlight: 50 }),
    produce({
      ...small,
      requests: 40_000 * scale,
      inFlight: 5,
      connections: 8,
      isPinnedToo: false,
    }),
    produce({
      ...small,
      requests: 80_000 * scale,
      inFlight: 50,
      connections: 8,
      isPinnedToo: false,
    }),
    produce({ ...large(16_384), requests: 6_000 * scale }),
    produce({ ...large(65_536), requests: 2_500 * scale, isPinnedToo: true }),
    produce({ ...large(65_536), requests: 2_500 * scale, connections: 8 }),
    // A little below 1 MiB: the default max.message.bytes has 12 bytes of room above it.
    produce({ ...large(MEBIBYTE), requests: 250 * scale, isPinnedToo: true }),
    tailFetch(600 * scale),
    coldFetch('cold fetch from the page cache, 4 readers', false),
    coldFetch('cold fetch from the disk, 4 readers', true),
  ]
}

const large = (batchBytes: number) => ({ batchBytes, inFlight: 5, isPinnedToo: false, aim: 0.6 })

interface ProduceCase {
  readonly batchBytes: number
  readonly requests: number
  readonly inFlight: number
  readonly connections?: number
  readonly isPinnedToo: boolean
  readonly aim: number | undefined
}

function produce({ batchBytes, requests, inFlight, isPinnedToo, ...rest }: ProduceCase): WholeCase {
  const { aim, connections = 1 } = rest
  const isSmall = batchBytes < 1024
  const many = connections === 1 ? '' : `${connections} connections, `
  return {
    name: `produce ${sizeOf(batchBytes)}, ${many}${inFlight} in flight`,
    ...{ aim, isPinnedToo, partitions: 1, serve: 'memory', isForgotten: false },
    unit: isSmall ? 'requests/s' : 'MB/s',
    durableShare: isSmall ? 0.25 : 1,
    units: sample => (isSmall ? sample.requests : (sample.requests * batchBytes) / 1e6),
    load: (port, topic) => ({
      ...{ type: 'produce', port, topic, requests, batchBytes, inFlight, connections },
      ...{ recordBytes: 100, partitions: 1 },
    }),
  }
}

const sizeOf = (bytes: number): string =>
  bytes < 1024 ? `${bytes} B` : bytes < MEBIBYTE ? `${bytes / 1024} KiB` : '1 MiB'

function tailFetch(requests: number): WholeCase {
  return {
    ...{ name: 'fetch 1 MiB at the tail, 4 in flight', aim: 0.7, unit: 'MB/s', partitions: 1 },
    ...{ serve: 'memory', isForgotten: false, isPinnedToo: true, durableShare: 1 },
    fill: (port, topic) => ({
      ...{ type: 'produce', port, topic, requests: 16, batchBytes: 65_536, inFlight: 1 },
      ...{ recordBytes: 1000, partitions: 1, connections: 1 },
    }),
    units: sample => sample.answerBytes / 1e6,
    load: (port, topic) => ({
      ...{ type: 'fetch', port, topic, requests, inFlight: 4, offset: 0, maxBytes: MEBIBYTE },
    }),
  }
}

/** Readers that go from the beginning on, each in a partition of its own, through what is too old for any cache of the broker. */
function coldFetch(name: string, isForgotten: boolean): WholeCase {
  const fill = {
    ...{ requests: COLD_PARTITIONS * COLD_BATCHES, batchBytes: COLD_BATCH_BYTES, inFlight: 4 },
    ...{ recordBytes: 1000, partitions: COLD_PARTITIONS, connections: COLD_PARTITIONS },
  }
  const perBatch = recordsInBatch(fill.recordBytes, fill.batchBytes)
  return {
    ...{ name, aim: 0.6, unit: 'MB/s', partitions: COLD_PARTITIONS, serve: 'file' },
    ...{ isForgotten, isPinnedToo: false, durableShare: 1 },
    fill: (port, topic) => ({ type: 'produce', port, topic, ...fill }),
    units: sample => (sample.recordsBytes ?? 0) / 1e6,
    load: (port, topic) => ({
      ...{ type: 'consume', port, topic, connections: COLD_PARTITIONS },
      partitions: Array.from({ length: COLD_PARTITIONS }, (_, partition) => partition),
      until: Math.floor(COLD_BATCHES * COLD_READ_SHARE) * perBatch,
      ...{ maxBytes: MEBIBYTE, minBytes: 1, maxWaitMs: 500 },
    }),
  }
}
