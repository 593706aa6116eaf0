/** Batches of which compaction leaves a part. Offsets, times, keys, values and headers of the records that stay are what they were (C1). */
import {
  BATCH_HEADER_BYTES,
  BATCH_PREFIX_BYTES,
  batchAttributes,
  type Codecs,
  type Crc32c,
  RecordBatch,
  type RecordWalk,
  writeInt64BE,
} from '@varve/protocol'

const BATCH_LENGTH = 8
const ATTRIBUTES = 21
const BASE_TIMESTAMP = 27
const MAX_TIMESTAMP = 35
const RECORDS_COUNT = 57
const NO_TIMESTAMP = -1
const SAFE_TIMESTAMP_MAX = 2 ** 52

/** Which records of a batch stay, by their place in it. */
export interface KeptRecords {
  readonly isKept: Uint8Array
  count: number
}

export interface RewriteOptions {
  readonly codecs: Codecs
  readonly crc32c: Crc32c
  /** When the batch's tombstones, or its marker, may go: it takes the place of the base timestamp (KIP-534). Undefined: as it was. */
  readonly deleteHorizonMs: number | undefined
}

/** The header alone, which tells the offsets and sequences that the batch had. */
export function emptiedBatch(batch: RecordBatch, crc32c: Crc32c): Buffer {
  const bytes = Buffer.from(headerOf(batch))
  const { logAppendTime, transactional, control } = batchAttributes
  bytes.writeInt16BE(batch.attributes & (logAppendTime | transactional | control), ATTRIBUTES)
  writeInt64BE(bytes, BASE_TIMESTAMP, NO_TIMESTAMP)
  return finished(bytes, 0, crc32c)
}

/** The batch with the records that stay, in the codec that it had. `walk` is one over this batch. */
export function rewrittenBatch(
  batch: RecordBatch,
  walk: RecordWalk,
  kept: KeptRecords,
  options: RewriteOptions,
): Buffer {
  const found = extentOf(walk, kept)
  // Times that a number does not hold cannot be written anew: the tombstone then stays for good.
  const deleteHorizonMs = found.timesAreSafe ? options.deleteHorizonMs : undefined
  const body =
    deleteHorizonMs === undefined
      ? copied(walk, kept, found.sizeBytes)
      : copiedWithDeltas(walk, kept, deleteHorizonMs)
  const { compression = 'none' } = batch
  const stored = compression === 'none' ? body : options.codecs.compress(compression, body)
  const bytes = Buffer.allocUnsafe(BATCH_HEADER_BYTES + stored.length)
  bytes.set(headerOf(batch))
  bytes.set(stored, BATCH_HEADER_BYTES)
  if (deleteHorizonMs !== undefined) {
    bytes.writeInt16BE(batch.attributes | batchAttributes.deleteHorizon, ATTRIBUTES)
    writeInt64BE(bytes, BASE_TIMESTAMP, deleteHorizonMs)
  }
  if (found.timesAreSafe && batch.timestampType === 'CreateTime')
    writeInt64BE(bytes, MAX_TIMESTAMP, found.maxTimestamp)
  return finished(bytes, kept.count, options.crc32c)
}

function headerOf(batch: RecordBatch): Uint8Array {
  return batch.bytes.subarray(batch.position, batch.position + BATCH_HEADER_BYTES)
}

function finished(bytes: Buffer, recordsCount: number, crc32c: Crc32c): Buffer {
  bytes.writeInt32BE(bytes.length - BATCH_PREFIX_BYTES, BATCH_LENGTH)
  bytes.writeInt32BE(recordsCount, RECORDS_COUNT)
  new RecordBatch(bytes).writeCrc(crc32c)
  return bytes
}

interface Extent {
  readonly sizeBytes: number
  readonly maxTimestamp: number
  readonly timesAreSafe: boolean
}

function extentOf(walk: RecordWalk, kept: KeptRecords): Extent {
  let sizeBytes = 0
  let maxTimestamp = NO_TIMESTAMP
  let timesAreSafe = true
  walk.rewind()
  for (let index = 0; walk.next(); index++) {
    if (kept.isKept[index] === 0) continue
    sizeBytes += walk.end - walk.start
    if (walk.timestamp > maxTimestamp) maxTimestamp = walk.timestamp
    if (Math.abs(walk.timestamp) > SAFE_TIMESTAMP_MAX) timesAreSafe = false
  }
  return { sizeBytes, maxTimestamp, timesAreSafe }
}

/** Records that stay side by side are copied at once. */
function copied(walk: RecordWalk, kept: KeptRecords, sizeBytes: number): Buffer {
  const body = Buffer.allocUnsafe(sizeBytes)
  let at = 0
  let runStart = walk.recordsStart
  let runEnd = walk.recordsStart
  walk.rewind()
  for (let index = 0; walk.next(); index++) {
    if (kept.isKept[index] === 0) continue
    if (walk.start !== runEnd) {
      at += walk.bytes.copy(body, at, runStart, runEnd)
      runStart = walk.start
    }
    runEnd = walk.end
  }
  walk.bytes.copy(body, at, runStart, runEnd)
  return body
}

function copiedWithDeltas(walk: RecordWalk, kept: KeptRecords, deleteHorizonMs: number): Buffer {
  let sizeBytes = 0
  walk.rewind()
  for (let index = 0; walk.next(); index++) {
    if (kept.isKept[index] === 1) sizeBytes += walk.sizeWithDelta(walk.timestamp - deleteHorizonMs)
  }
  const body = Buffer.allocUnsafe(sizeBytes)
  let at = 0
  walk.rewind()
  for (let index = 0; walk.next(); index++) {
    if (kept.isKept[index] === 1)
      at = walk.writeWithDelta(body, at, walk.timestamp - deleteHorizonMs)
  }
  return body
}
