import { Buffer } from 'node:buffer'
import { type Codecs, CompressionError } from './compression.ts'
import { CorruptRecordsError } from './corrupt-records-error.ts'
import { saturate } from './int64.ts'
import { BATCH_HEADER_BYTES, type RecordBatch } from './record-batch.ts'
import { RecordCursor } from './record-cursor.ts'
import { varlongBytes, writeVarint, writeVarlong } from './record-varint.ts'

/**
 * Walks over the records of a batch in place: one object for all of them, that says of the current record where its bytes lie. For
 * those who copy records whole, as compaction does. Key and value may be null, which a length of -1 says.
 *
 * @example
 * ```ts
 * const walk = new RecordWalk(batch, nodeCodecs(), 1024 * 1024)
 * while (walk.next()) console.log(walk.offset, walk.valueLength)
 * ```
 */
export class RecordWalk {
  /** What holds the records: the batch's own bytes, or the decompressed ones. */
  readonly bytes: Buffer
  /** Where the records begin in `bytes`. */
  readonly recordsStart: number
  /** The record lies from `start` to `end`, its length included. */
  start = 0
  end = 0
  offset = -1
  /** Milliseconds since 1970, saturated to the safe integers: the producer's time or the log's, as the batch says. */
  timestamp = -1
  keyStart = 0
  keyLength = -1
  valueLength = -1
  readonly #cursor: RecordCursor
  readonly #baseOffset: number
  readonly #baseTimestamp: number
  readonly #appendTimestamp: number | undefined
  readonly #recordsCount: number
  #remaining: number
  /** Between these lies the difference of the record's time to the batch's. */
  #deltaStart = 0
  #deltaEnd = 0

  /** Throws what `recordsOf` throws, and so does `next`. */
  constructor(batch: RecordBatch, codecs: Codecs, decompressedBytesMax: number) {
    const { compression } = batch
    if (compression === undefined)
      throw new CompressionError('unsupported', 'The codec of a batch is unknown')
    const isWrapped = compression !== 'none' && batch.recordsCount > 0
    const bytes = isWrapped
      ? codecs.decompress(compression, batch.recordBytes(), decompressedBytesMax)
      : batch.bytes
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.recordsStart = isWrapped ? 0 : batch.position + BATCH_HEADER_BYTES
    const end = isWrapped ? bytes.length : batch.endPosition
    this.#cursor = new RecordCursor(this.bytes, this.recordsStart, end)
    this.#baseOffset = batch.baseOffset
    this.#baseTimestamp = batch.baseTimestamp
    this.#appendTimestamp = batch.timestampType === 'LogAppendTime' ? batch.maxTimestamp : undefined
    this.#recordsCount = batch.recordsCount
    this.#remaining = this.#recordsCount
    if (this.#remaining < 0) throw new CorruptRecordsError('A record batch has a negative count')
  }

  /** Goes back before the first record. */
  rewind(): void {
    this.#cursor.position = this.recordsStart
    this.#remaining = this.#recordsCount
  }

  /** Goes to the next record; false when there is none. */
  next(): boolean {
    const cursor = this.#cursor
    if (this.#remaining === 0) {
      if (cursor.position !== cursor.end)
        throw new CorruptRecordsError('A record batch holds more than its count')
      return false
    }
    this.#remaining--
    this.start = cursor.position
    const sizeBytes = cursor.readVarint()
    this.end = cursor.position + sizeBytes
    if (sizeBytes < 0 || this.end > cursor.end)
      throw new CorruptRecordsError('The length of a record runs beyond its batch')
    cursor.readByte() // Attributes, of which none is defined.
    this.#deltaStart = cursor.position
    const timestampDelta = cursor.readVarlong()
    this.#deltaEnd = cursor.position
    this.timestamp = this.#appendTimestamp ?? saturate(this.#baseTimestamp + timestampDelta)
    this.offset = this.#baseOffset + cursor.readVarint()
    this.keyLength = cursor.readVarint()
    this.keyStart = this.keyLength < 0 ? cursor.position : cursor.skip(this.keyLength)
    this.valueLength = cursor.readVarint()
    if (this.valueLength >= 0) cursor.skip(this.valueLength)
    if (cursor.position > this.end)
      throw new CorruptRecordsError('A field of a record runs beyond the record')
    cursor.position = this.end
    return true
  }

  /** The bytes that the current record would take with another difference to the batch's time. */
  sizeWithDelta(timestampDelta: number): number {
    const bodyBytes = this.#bodyBytesWith(timestampDelta)
    return varlongBytes(bodyBytes) + bodyBytes
  }

  /** Writes the current record with another difference to the batch's time, and returns the position after it. */
  writeWithDelta(target: Uint8Array, position: number, timestampDelta: number): number {
    let at = writeVarint(target, position, this.#bodyBytesWith(timestampDelta))
    target[at++] = this.bytes[this.#deltaStart - 1]!
    at = writeVarlong(target, at, timestampDelta)
    target.set(this.bytes.subarray(this.#deltaEnd, this.end), at)
    return at + this.end - this.#deltaEnd
  }

  #bodyBytesWith(timestampDelta: number): number {
    return 1 + varlongBytes(timestampDelta) + this.end - this.#deltaEnd
  }
}
