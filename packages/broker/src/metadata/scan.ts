/** Reads the batches of a metadata log or snapshot and tells a torn end from corruption. */
import type { Buffer } from 'node:buffer'
import {
  BATCH_HEADER_BYTES,
  BATCH_PREFIX_BYTES,
  crc32c,
  MAGIC_V2,
  RecordBatch,
} from '@varve/protocol'

export interface Scan {
  readonly batches: readonly RecordBatch[]
  /** Where the whole batches end. */
  readonly endPosition: number
  /**
   * What follows them: nothing, a `torn` write that no whole batch comes after, or `corrupt` bytes before a whole batch:
   * what was synced later proves that they were whole once.
   */
  readonly rest: 'nothing' | 'torn' | 'corrupt'
}

/** The whole batches from the start; each must begin at the offset after the one before. */
export function scan(bytes: Buffer, firstOffset: number): Scan {
  const batches: RecordBatch[] = []
  let position = 0
  let nextOffset = firstOffset
  while (position < bytes.length) {
    const batch = wholeBatchAt(bytes, position)
    if (batch === undefined || batch.baseOffset !== nextOffset) break
    batches.push(batch)
    nextOffset = batch.lastOffset + 1
    position = batch.endPosition
  }
  return { batches, endPosition: position, rest: restOf(bytes, position) }
}

function restOf(bytes: Buffer, position: number): Scan['rest'] {
  if (position === bytes.length) return 'nothing'
  for (let at = position; at + BATCH_HEADER_BYTES <= bytes.length; at++) {
    if (wholeBatchAt(bytes, at) !== undefined) return 'corrupt'
  }
  return 'torn'
}

/** The batch that begins at a position, if one does and its checksum holds. */
function wholeBatchAt(bytes: Buffer, position: number): RecordBatch | undefined {
  if (position + BATCH_HEADER_BYTES > bytes.length || bytes[position + 16] !== MAGIC_V2)
    return undefined
  const sizeBytes = bytes.readInt32BE(position + 8) + BATCH_PREFIX_BYTES
  if (sizeBytes < BATCH_HEADER_BYTES || position + sizeBytes > bytes.length) return undefined
  const batch = new RecordBatch(bytes, position)
  const isPlausible = batch.recordsCount > 0 && batch.lastOffsetDelta === batch.recordsCount - 1
  return isPlausible && batch.crcIsValid(crc32c) ? batch : undefined
}
