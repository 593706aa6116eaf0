/** The loads of `npm run bench -- kafka`, and what is asked of ours in each. */
import { recordsInBatch } from '../frames.ts'
import type { KafkaLoad } from './kafka-turn.ts'
import type { Metric } from './peer-turn.ts'

/** `varve relaxed` or another, over one of Kafka's. */
export interface Aim {
  readonly ours: SideName
  readonly theirs: SideName
  readonly metric: Metric
  /** At least; undefined: printed for the record, asked of nobody. */
  readonly atLeast: number | undefined
}

export type SideName = 'varve relaxed' | 'varve durable' | 'kafka default' | 'kafka durable'

export interface KafkaCase extends KafkaLoad {
  readonly sides: readonly SideName[]
  readonly aims: readonly Aim[]
}

export interface CaseScale {
  /** Of one produce load. */
  readonly forMs: number
  /** Of the log that is read whole, several times the tail cache of ours. */
  readonly logBytes: number
  /** Of one load of single records at a steady rate. */
  readonly openMs: number
}

const MEBIBYTE = 2 ** 20
const FETCHED_BATCH_BYTES = 65_536
const FETCHED_RECORD_BYTES = 1_000
const RELAXED: readonly SideName[] = ['varve relaxed', 'kafka default']
const OPEN_WARM_UP_MS = 1_000

export function kafkaCases(scale: CaseScale): KafkaCase[] {
  return [
    ...[16_384, 65_536, MEBIBYTE].map(batchBytes => batches(scale, batchBytes, 1)),
    batches(scale, 65_536, 4),
    ...[1, 5, 50].map(inFlight => smallRequests(scale, inFlight)),
    tail(scale),
    wholeLog(scale, 'warm'),
    wholeLog(scale, 'cold'),
    steady(scale),
    ...[0, 16_384].flatMap(batchBytes =>
      [1, 8, 32, 128].map(partitions => saturated(scale, batchBytes, partitions)),
    ),
    ...[1, 8].map(partitions => waiting(scale, partitions)),
  ]
}

const relaxedAim = (metric: Metric, atLeast: number | undefined): Aim => ({
  ...{ ours: 'varve relaxed', theirs: 'kafka default' },
  ...{ metric, atLeast },
})

function batches({ forMs }: CaseScale, batchBytes: number, connections: number): KafkaCase {
  const many = connections === 1 ? '' : ` on ${connections} connections and partitions`
  return {
    name: `produce 1 KiB records in ${batchBytes / 1024} KiB batches, 5 in flight${many}`,
    unit: 'records/s',
    partitions: connections,
    sides: RELAXED,
    aims: [relaxedAim('perSecond', undefined), relaxedAim('perCpuSecond', 1.5)],
    units: measured => measured.records ?? 0,
    load: (port, topic) => ({
      ...{ type: 'produce', port, topic, requests: 0, forMs, batchBytes, recordBytes: 1024 },
      ...{ inFlight: 5, partitions: connections, connections },
    }),
  }
}

function smallRequests({ forMs }: CaseScale, inFlight: number): KafkaCase {
  return {
    name: `produce one 100 B record a request, ${inFlight} in flight`,
    unit: 'requests/s',
    partitions: 1,
    sides: RELAXED,
    aims: [relaxedAim('perSecond', 3), relaxedAim('perCpuSecond', 3)],
    units: measured => measured.requests,
    load: (port, topic) => ({
      ...{ type: 'produce', port, topic, requests: 0, forMs, batchBytes: 0, recordBytes: 100 },
      ...{ inFlight, partitions: 1, connections: 1 },
    }),
  }
}

const filling =
  (bytes: number): NonNullable<KafkaLoad['fill']> =>
  (port, topic) => ({
    ...{ type: 'produce', port, topic, requests: Math.round(bytes / FETCHED_BATCH_BYTES) },
    ...{ batchBytes: FETCHED_BATCH_BYTES, recordBytes: FETCHED_RECORD_BYTES },
    ...{ inFlight: 4, partitions: 1, connections: 1 },
  })

function tail({ forMs }: CaseScale): KafkaCase {
  return {
    name: 'consume 1 MiB at the tail, 4 in flight',
    unit: 'MB/s',
    partitions: 1,
    sides: RELAXED,
    aims: [relaxedAim('perSecond', 1), relaxedAim('perCpuSecond', undefined)],
    fill: filling(MEBIBYTE),
    units: measured => measured.answerBytes / 1e6,
    load: (port, topic) => ({
      ...{ type: 'fetch', port, topic, requests: forMs, offset: 0 },
      ...{ maxBytes: MEBIBYTE, inFlight: 4 },
    }),
  }
}

/** The first three quarters of a log, so that what is in our tail cache is no part of it. */
function wholeLog({ logBytes }: CaseScale, kind: 'warm' | 'cold'): KafkaCase {
  const perBatch = recordsInBatch(FETCHED_RECORD_BYTES, FETCHED_BATCH_BYTES)
  const until = Math.floor((0.75 * logBytes) / FETCHED_BATCH_BYTES) * perBatch
  const from = kind === 'warm' ? 'the page cache, beyond the tail cache' : 'the disk'
  return {
    name: `consume a log from ${from}`,
    unit: 'MB/s',
    partitions: 1,
    sides: RELAXED,
    aims: [relaxedAim('perSecond', 0.5), relaxedAim('perCpuSecond', undefined)],
    fill: filling(logBytes),
    isCold: kind === 'cold',
    units: measured => (measured.recordsBytes ?? 0) / 1e6,
    load: (port, topic) => ({
      ...{ type: 'consume', port, topic, partitions: [0], connections: 1, until },
      ...{ maxBytes: MEBIBYTE, minBytes: 1, maxWaitMs: 500 },
    }),
  }
}

function steady({ openMs }: CaseScale): KafkaCase {
  return {
    name: 'end to end, 1,000 records of 100 B a second, open loop',
    unit: 'records/s',
    partitions: 1,
    sides: ['varve relaxed', 'varve durable', 'kafka default'],
    aims: [
      relaxedAim('p50Ms', undefined),
      relaxedAim('p99Ms', 2),
      { ours: 'varve durable', theirs: 'kafka default', metric: 'p99Ms', atLeast: undefined },
    ],
    units: measured => measured.records ?? 0,
    load: (port, topic) => ({
      ...{ type: 'open', port, topic, perSecond: 1_000, recordBytes: 100 },
      ...{ forMs: OPEN_WARM_UP_MS + openMs, warmUpMs: OPEN_WARM_UP_MS },
    }),
  }
}

/** Of the time of another load: there are many of these, on three brokers. */
const DURABLE_SHARE = 0.6
/** Clients that write at once. */
const PRODUCERS = 8
/** What a producer of Kafka's has under way on one connection unless it is told otherwise: `max.in.flight.requests.per.connection`. */
const PRODUCER_IN_FLIGHT = 5
const SATURATED: readonly Aim[] = [
  { ours: 'varve durable', theirs: 'kafka default', metric: 'perSecond', atLeast: 1 },
  { ours: 'varve durable', theirs: 'kafka durable', metric: 'perSecond', atLeast: 5 },
]

/** As much as eight producers have under way, and at least one request for each partition. */
function saturated(scale: CaseScale, batchBytes: number, partitions: number): KafkaCase {
  const inFlight = Math.max(PRODUCER_IN_FLIGHT, partitions / PRODUCERS)
  const what = batchBytes === 0 ? 'one 1 KiB record' : `${batchBytes / 1024} KiB of 1 KiB records`
  const where = partitions === 1 ? '1 partition' : `${partitions} partitions`
  return durable(scale, {
    ...{ batchBytes, partitions, inFlight, connections: PRODUCERS, aims: SATURATED },
    name: `durable: ${what} a request, ${PRODUCERS} producers with ${inFlight} in flight, ${where}`,
  })
}

/** One record under way for each partition, which is a latency: a sync beside none, so nothing is asked of it. */
function waiting(scale: CaseScale, partitions: number): KafkaCase {
  const across = partitions === 1 ? '1 partition' : `each of ${partitions} partitions`
  return durable(scale, {
    ...{ partitions, batchBytes: 0, inFlight: 1, connections: partitions },
    name: `durable: one 1 KiB record under way for ${across}`,
    aims: SATURATED.map(aim => ({ ...aim, atLeast: undefined })),
  })
}

interface Durable {
  readonly name: string
  readonly batchBytes: number
  readonly partitions: number
  readonly connections: number
  /** Per connection. */
  readonly inFlight: number
  readonly aims: readonly Aim[]
}

function durable(scale: CaseScale, { name, aims, ...loaded }: Durable): KafkaCase {
  const forMs = scale.forMs * DURABLE_SHARE
  return {
    ...{ name, aims, partitions: loaded.partitions, unit: 'acks/s', keepsTopic: true },
    sides: ['varve durable', 'kafka default', 'kafka durable'],
    units: measured => measured.requests,
    load: (port, topic) => ({
      ...{ type: 'produce', port, topic, requests: 0, forMs, recordBytes: 1024 },
      ...loaded,
    }),
  }
}
