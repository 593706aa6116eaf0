import { Buffer } from 'node:buffer'
import { type Codecs, CompressionError } from './compression.ts'
import { CorruptRecordsError } from './corrupt-records-error.ts'
import { saturate } from './int64.ts'
import { LogRecord } from './log-record.ts'
import { BATCH_HEADER_BYTES, type RecordBatch } from './record-batch.ts'
import { RecordCursor } from './record-cursor.ts'

/** What one batch may decompress to unless the caller says otherwise. */
export const DECOMPRESSED_BYTES_MAX = 128 * 1024 * 1024

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
    const cursor = new RecordCursor(
      asBuffer(batch.bytes),
      batch.position + BATCH_HEADER_BYTES,
      batch.endPosition,
    )
    return new RecordIterator(batch, cursor)
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
  return new RecordIterator(batch, new RecordCursor(asBuffer(bytes), 0, bytes.length))
}

/** An iterator written out: it costs a third of a generator. */
class RecordIterator implements IterableIterator<LogRecord> {
  readonly #cursor: RecordCursor
  readonly #bytes: Buffer
  readonly #baseOffset: number
  readonly #baseTimestamp: number
  /** The one timestamp of all records when the log's time counts, else undefined. */
  readonly #appendTimestamp: number | undefined
  #remaining: number

  constructor(batch: RecordBatch, cursor: RecordCursor) {
    this.#cursor = cursor
    this.#bytes = cursor.bytes as Buffer
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
    const cursor = this.#cursor
    if (this.#remaining === 0) {
      if (cursor.position !== cursor.end)
        throw new CorruptRecordsError('A record batch holds more than its count')
      return { value: undefined, done: true }
    }
    this.#remaining--
    return { value: this.#readRecord(cursor), done: false }
  }

  #readRecord(cursor: RecordCursor): LogRecord {
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
    const headersStart = cursor.position
    if (headersCount !== 0) skipHeaders(cursor, headersCount)
    if (cursor.position !== end) throw new CorruptRecordsError('A record does not fill its length')
    const timestamp = this.#appendTimestamp ?? saturate(this.#baseTimestamp + timestampDelta)
    return new LogRecord(this.#baseOffset + offsetDelta, timestamp, {
      bytes: this.#bytes,
      keyStart,
      keyLength,
      valueStart,
      valueLength,
      headersStart,
      headersCount,
    })
  }
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

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
