/** Finding records by time: through the time index to a segment and a batch, then through the records of the batch. */
import {
  type Codecs,
  CompressionError,
  CorruptRecordsError,
  type ErrorName,
  type RecordBatch,
  recordsOf,
} from '@varve/protocol'
import { scanSegment } from './scan-segment.ts'
import type { Segment } from './segment.ts'

export interface TimestampQuery {
  readonly timestamp: number
  /** Only records from here on count: the log's start. */
  readonly from: number
  /** Only records below count: the high watermark or the last stable offset (L9). */
  readonly endOffset: number
  readonly codecs: Codecs
  readonly maxDecompressedBytes: number
}

export interface FoundRecord {
  readonly offset: number
  readonly timestamp: number
}

/** A batch on the way cannot be opened. */
export type LookupRefusal = Extract<ErrorName, 'CORRUPT_MESSAGE' | 'MESSAGE_TOO_LARGE'>

/** The first record with a timestamp at or after the one asked for; undefined when there is none. */
export async function findTimestamp(
  segments: readonly Segment[],
  query: TimestampQuery,
): Promise<FoundRecord | LookupRefusal | undefined> {
  for (const segment of segments) {
    if (segment.baseOffset >= query.endOffset) return undefined
    const indexes = await segment.requireIndexes()
    if ((segment.maxTimestamp ?? -1) < query.timestamp) continue
    const start = Math.max(indexes.times.floorOffset(query.timestamp), query.from)
    const found = await findWithin(segment, indexes.offsets.floorPosition(start), query)
    if (found !== undefined) return found
  }
  return undefined
}

/** The largest timestamp of all segments, -1 when no record has one. */
export async function maxTimestampOf(segments: readonly Segment[]): Promise<number> {
  let maxTimestamp = -1
  for (const segment of segments) {
    if (segment.maxTimestamp === undefined) await segment.requireIndexes()
    maxTimestamp = Math.max(maxTimestamp, segment.maxTimestamp ?? -1)
  }
  return maxTimestamp
}

async function findWithin(
  segment: Segment,
  position: number,
  query: TimestampQuery,
): Promise<FoundRecord | LookupRefusal | undefined> {
  let found: FoundRecord | LookupRefusal | undefined
  await scanSegment(await segment.open(), {
    from: position,
    to: segment.sizeBytes,
    visit: batch => {
      if (batch.baseOffset >= query.endOffset) return 'invalid'
      if (batch.maxTimestamp < query.timestamp || batch.lastOffset < query.from) return 'valid'
      found = findInBatch(batch, query)
      return found === undefined ? 'valid' : 'invalid'
    },
  })
  return found
}

function findInBatch(
  batch: RecordBatch,
  query: TimestampQuery,
): FoundRecord | LookupRefusal | undefined {
  // All records have the time of the batch: they need not be opened, unless compaction has taken some.
  if (batch.timestampType === 'LogAppendTime' && batch.recordsCount === batch.lastOffsetDelta + 1) {
    return { offset: Math.max(batch.baseOffset, query.from), timestamp: batch.maxTimestamp }
  }
  try {
    for (const { offset, timestamp } of recordsOf(
      batch,
      query.codecs,
      query.maxDecompressedBytes,
    )) {
      if (timestamp >= query.timestamp && offset >= query.from && offset < query.endOffset)
        return { offset, timestamp }
    }
    return undefined
  } catch (error) {
    if (error instanceof CorruptRecordsError) return 'CORRUPT_MESSAGE'
    if (error instanceof CompressionError)
      return error.problem === 'too large' ? 'MESSAGE_TOO_LARGE' : 'CORRUPT_MESSAGE'
    throw error
  }
}
