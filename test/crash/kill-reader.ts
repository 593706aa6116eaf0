import { batchesOf, errorName, Fetch, ListOffsets, nodeCodecs, recordsOf } from '@varve/protocol'
import type { RawConnection } from '../support/raw-connection.ts'

const FETCH_VERSION = 12
const LIST_OFFSETS_VERSION = 7
const EARLIEST = -2
const FETCH_BYTES = 4 * 1024 * 1024
/** How often retention may take the beginning away from a reader before that is strange. */
const ATTEMPTS = 10
const codecs = nodeCodecs()

/** A record of a log that loses some. */
export interface FoundRecord {
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
  /** What the producer wrote into its header, which tombstones have too. */
  readonly mark: string
}

export interface FoundLog {
  readonly logStartOffset: number
  readonly highWatermark: number
  readonly records: readonly FoundRecord[]
}

/** Reads what a log still has, from its start to its high watermark. Throws when batches overlap or the end is not reached. */
export const readLog = async (
  connection: RawConnection,
  topic: string,
  partition: number,
): Promise<FoundLog> => {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const start = await startOf(connection, topic, partition)
    const found = await readFrom(connection, { topic, partition, offset: start })
    if (found !== 'start has moved') return found
  }
  throw new Error(`the start of ${topic}-${partition} moves all the time`)
}

const readFrom = async (
  connection: RawConnection,
  from: { readonly topic: string; readonly partition: number; readonly offset: number },
): Promise<FoundLog | 'start has moved'> => {
  const name = `${from.topic}-${from.partition}`
  const records: FoundRecord[] = []
  for (let offset = from.offset; ; ) {
    const result = await fetchOnce(connection, { ...from, offset })
    if (errorName(result.errorCode) === 'OFFSET_OUT_OF_RANGE') return 'start has moved'
    if (result.errorCode !== 0)
      throw new Error(`${name} cannot be read: ${errorName(result.errorCode)}`)
    const before = offset
    for (const batch of batchesOf(result.records ?? Buffer.alloc(0))) {
      if (batch.baseOffset < offset) {
        throw new Error(`${name} has a batch at ${batch.baseOffset} behind ${offset - 1}`)
      }
      for (const { offset: at, key, value, headers } of recordsOf(batch, codecs)) {
        const mark = headers[0]?.value?.toString() ?? ''
        records.push({
          offset: at,
          key: key?.toString() ?? null,
          value: value?.toString() ?? null,
          mark,
        })
      }
      offset = batch.lastOffset + 1
    }
    const { highWatermark } = result
    if (offset >= highWatermark) return { logStartOffset: from.offset, highWatermark, records }
    if (offset === before) throw new Error(`${name} gives nothing at ${offset} of ${highWatermark}`)
  }
}

/** One answer to a fetch of one partition, whatever its error code is. */
export const fetchOnce = async (
  connection: RawConnection,
  from: { readonly topic: string; readonly partition: number; readonly offset: number },
) => {
  const { topic, partition, offset } = from
  const partitions = [{ partition, fetchOffset: offset, partitionMaxBytes: FETCH_BYTES }]
  const response = await connection.request(Fetch, FETCH_VERSION, {
    ...{ maxWaitMs: 0, minBytes: 0, maxBytes: FETCH_BYTES, isolationLevel: 0 },
    ...{ sessionId: 0, sessionEpoch: -1 },
    ...{ topics: [{ topic, partitions }], forgottenTopicsData: [], rackId: '' },
  })
  const result = response.responses[0]?.partitions[0]
  if (result === undefined) {
    throw new Error(`${topic}-${partition} cannot be read: ${errorName(response.errorCode)}`)
  }
  return result
}

const startOf = async (
  connection: RawConnection,
  topic: string,
  partition: number,
): Promise<number> => {
  const { topics } = await connection.request(ListOffsets, LIST_OFFSETS_VERSION, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [
      {
        name: topic,
        partitions: [{ partitionIndex: partition, currentLeaderEpoch: -1, timestamp: EARLIEST }],
      },
    ],
    timeoutMs: 10_000,
  })
  const found = topics[0]?.partitions[0]
  if (found?.errorCode !== 0) throw new Error(`${topic}-${partition} says no start`)
  return found.offset
}
