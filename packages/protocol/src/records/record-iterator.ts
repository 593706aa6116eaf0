import { type Codecs, CompressionError } from './compression.ts'
import { CorruptRecordsError } from './corrupt-records-error.ts'
import { saturate } from './int64.ts'
import { LogRecord } from './log-record.ts'
import { BATCH_HEADER_BYTES, type RecordBatch } from './record-batch.ts'
import { RecordCursor } from './record-cursor.ts'

/** What one batch may decompress to unless the caller says otherwise. */
export const DECOMPRESSED_BYTES_MAX = 128 * 1024 * 1024

/** Attributes, and four numbers of two bytes at most. */
const USUAL_START_BYTES = 9

/**
 * The records of a batch, in order. They are views over its bytes, or over the decompressed ones.
 * Throws a `CorruptRecordsError` where the bytes are not the records that the header promises, and the `CompressionError` of
 * the codec; `codecs` may be left out where nothing is compressed.
 *
 * @example
 * ```ts
 * for (const batch of batchesOf(bytes)) {
 *   for (const { offset, value } of recordsOf(batch, nodeCodecs())) console.log(offset, `${value}`)
 * }
 * ```
 */
export function recordsOf(
  batch: RecordBatch,
  codecs?: Codecs,
  decompressedBytesMax: number = DECOMPRESSED_BYTES_MAX,
): IterableIterator<LogRecord> {
  const compression = batch.compression
  if (compression === 'none') {
    const start = batch.position + BATCH_HEADER_BYTES
    return new RecordIterator(batch, cursorOf(batch.bytes, start, batch.endPosition))
  }
  if (compression === undefined || codecs === undefined) {
    const codec = compression ?? `number ${batch.attributes & 7}`
    throw new CompressionError(
      'unsupported',
      `There is no codec for a batch compressed with ${codec}`,
    )
  }
  // A header-only batch, which compaction leaves behind, keeps its codec bits without anything to decompress.
  const compressed = batch.recordBytes()
  const isEmpty = batch.recordsCount === 0 && compressed.length === 0
  const bytes = isEmpty
    ? compressed
    : codecs.decompress(compression, compressed, decompressedBytesMax)
  return new RecordIterator(batch, cursorOf(bytes, 0, bytes.length))
}

/** An iterator written out: it costs a third of a generator. */
class RecordIterator implements IterableIterator<LogRecord> {
  readonly #cursor: RecordCursor
  readonly #memory: ArrayBufferLike
  readonly #baseOffset: number
  readonly #baseTimestamp: number
  /** The one timestamp of all records when the log's time counts, else undefined. */
  readonly #appendTimestamp: number | undefined
  #remaining: number

  constructor(batch: RecordBatch, cursor: RecordCursor) {
    this.#cursor = cursor
    this.#memory = cursor.bytes.buffer
    this.#baseOffset = batch.baseOffset
    this.#baseTimestamp = batch.baseTimestamp
    this.#appendTimestamp = batch.timestampType === 'LogAppendTime' ? batch.maxTimestamp : undefined
    this.#remaining = batch.recordsCount
    if (this.#remaining < 0) throw new CorruptRecordsError('A record batch has a negative count')
  }

  [Symbol.iterator](): this {
    return this
  }

  next(): IteratorResult<LogRecord, undefined> {
    if (this.#remaining === 0) return this.#finish()
    this.#remaining--
    return { value: this.#readUsual() ?? this.#readAny(), done: false }
  }

  #finish(): IteratorReturnResult<undefined> {
    if (this.#cursor.position !== this.#cursor.end)
      throw new CorruptRecordsError('A record batch holds more than its count')
    return { value: undefined, done: true }
  }

  /**
   * The next record, if it is like most: without headers, and no number in it takes more than two bytes. Else undefined, and nothing
   * has happened: whatever may be wrong is for `readAny` to say. One function without calls, because V8 puts only so much of others
   * in one, and half of the time would go into calls.
   */
  #readUsual(): LogRecord | undefined {
    const cursor = this.#cursor
    const bytes = cursor.bytes
    let at = cursor.position
    if (cursor.end - at < USUAL_START_BYTES) return undefined
    let size = bytes[at++]!
    if (size > 0x7f) {
      const high = bytes[at++]!
      if (high > 0x7f) return undefined
      size = (size & 0x7f) | (high << 7)
    }
    const end = at + (size >>> 1)
    if ((size & 1) === 1 || end > cursor.end) return undefined
    at++ // Attributes, of which none is defined.
    let timestamp = bytes[at++]!
    if (timestamp > 0x7f) {
      const high = bytes[at++]!
      if (high > 0x7f) return undefined
      timestamp = (timestamp & 0x7f) | (high << 7)
    }
    let offset = bytes[at++]!
    if (offset > 0x7f) {
      const high = bytes[at++]!
      if (high > 0x7f) return undefined
      offset = (offset & 0x7f) | (high << 7)
    }
    let key = bytes[at++]!
    if (key > 0x7f) {
      const high = bytes[at++]!
      if (high > 0x7f) return undefined
      key = (key & 0x7f) | (high << 7)
    }
    const keyStart = at
    if ((key & 1) === 0) at += key >>> 1
    // A length of one byte and the count of headers at least.
    if (at > end - 2) return undefined
    let value = bytes[at++]!
    if (value > 0x7f) {
      const high = bytes[at++]!
      if (high > 0x7f) return undefined
      value = (value & 0x7f) | (high << 7)
    }
    const valueStart = at
    if ((value & 1) === 0) at += value >>> 1
    if (at !== end - 1 || bytes[at] !== 0) return undefined
    cursor.position = end
    return new LogRecord(
      this.#baseOffset + unZigzag(offset),
      this.#appendTimestamp ?? saturate(this.#baseTimestamp + unZigzag(timestamp)),
      {
        memory: this.#memory,
        keyStart,
        keyLength: unZigzag(key),
        valueStart,
        valueLength: unZigzag(value),
        headersCount: 0,
      },
    )
  }

  #readAny(): LogRecord {
    const cursor = this.#cursor
    const sizeBytes = cursor.readVarint()
    const end = cursor.position + sizeBytes
    if (sizeBytes < 0 || end > cursor.end)
      throw new CorruptRecordsError('The length of a record runs beyond its batch')
    cursor.readByte() // Attributes, of which none is defined.
    const timestampDelta = cursor.readVarlong()
    const offsetDelta = cursor.readVarint()
    const keyLength = cursor.readVarint()
    const keyStart = keyLength < 0 ? cursor.position : cursor.skip(keyLength)
    const valueLength = cursor.readVarint()
    const valueStart = valueLength < 0 ? cursor.position : cursor.skip(valueLength)
    const headersCount = cursor.readVarint()
    if (headersCount !== 0) skipHeaders(cursor, headersCount)
    if (cursor.position !== end) throw new CorruptRecordsError('A record does not fill its length')
    return new LogRecord(
      this.#baseOffset + offsetDelta,
      this.#appendTimestamp ?? saturate(this.#baseTimestamp + timestampDelta),
      { memory: this.#memory, keyStart, keyLength, valueStart, valueLength, headersCount },
    )
  }
}

function unZigzag(value: number): number {
  return (value >>> 1) ^ -(value & 1)
}

function skipHeaders(cursor: RecordCursor, count: number): void {
  // Each header takes two bytes at least, so a count that cannot fit is refused before the walk.
  if (count < 0 || count > cursor.end - cursor.position)
    throw new CorruptRecordsError('The count of headers is wrong')
  for (let index = 0; index < count; index++) {
    const keyLength = cursor.readVarint()
    if (keyLength < 0) throw new CorruptRecordsError('The name of a header is null')
    cursor.skip(keyLength)
    const valueLength = cursor.readVarint()
    if (valueLength >= 0) cursor.skip(valueLength)
  }
}

/** A cursor whose positions count from the start of the memory that `bytes` is a view of, as those of a record do. */
function cursorOf(bytes: Uint8Array, start: number, end: number): RecordCursor {
  const { buffer, byteOffset } = bytes
  if (end > bytes.length) throw new CorruptRecordsError('A record batch runs beyond its bytes')
  return new RecordCursor(new Uint8Array(buffer), byteOffset + start, byteOffset + end)
}
