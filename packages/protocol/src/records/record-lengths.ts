import { BATCH_HEADER_BYTES, type RecordBatch } from './record-batch.ts'

/** A record without key, value and headers: attributes, two deltas, two lengths and a count, of one byte each. */
const RECORD_BYTES_MIN = 6

/**
 * Whether exactly `recordsCount` records fill an uncompressed batch, by their lengths alone: each is looked at for its first
 * bytes only, nothing is allocated, and a count of 2^31-1 ends with the bytes.
 */
export function walkRecordLengths(batch: RecordBatch): boolean {
  const { bytes, endPosition, recordsCount } = batch
  let position = batch.position + BATCH_HEADER_BYTES
  for (let index = 0; index < recordsCount; index++) {
    let zigzag = 0
    let shift = 0
    let byte = 0x80
    while (byte >= 0x80) {
      if (position >= endPosition || shift > 28) return false
      byte = bytes[position++]!
      zigzag |= (byte & 0x7f) << shift
      shift += 7
    }
    const sizeBytes = (zigzag >>> 1) ^ -(zigzag & 1)
    if (sizeBytes < RECORD_BYTES_MIN || sizeBytes > endPosition - position) return false
    position += sizeBytes
  }
  return position === endPosition
}
