/**
 * Message sets of formats 0 and 1 (before Kafka 0.11), for reading only: old log folders hold them. An entry is
 * `offset INT64, size INT32, crc INT32, magic INT8, attributes INT8, [timestamp INT64], key, value`; a compressed entry has a message
 * set of its own as its value.
 */
import { Buffer } from 'node:buffer'
import { withRightHeaderChecksum } from './codecs/lz4-frame.ts'
import { type Codecs, CompressionError, compressionTypes } from './compression.ts'
import { CorruptRecordsError } from './corrupt-records-error.ts'
import { crc32 } from './crc32.ts'
import { readInt64 } from './int64.ts'
import { LogRecord } from './log-record.ts'
import { viewOf } from './record-batch.ts'

const ENTRY_PREFIX_BYTES = 12
const CRC = 12
const MAGIC = 16
const ATTRIBUTES = 17
const LOG_APPEND_TIME = 0x08

/** One entry of a message set, in place: a message, or a wrapper around compressed ones. */
interface Entry {
  readonly bytes: Buffer
  readonly position: number
  readonly sizeBytes: number
  readonly offset: number
  readonly magic: 0 | 1
  readonly attributes: number
  /** -1 for format 0. */
  readonly timestamp: number
  readonly keyStart: number
  readonly keyLength: number
  readonly valueStart: number
  readonly valueLength: number
}

/**
 * The records of the first entry at `position`, which must have magic 0 or 1, and the position after it; undefined if the entry is
 * cut off, as the last one of a fetch may be. Throws a `CorruptRecordsError` or the codec's `CompressionError`.
 */
export function readLegacyEntry(
  bytes: Buffer,
  position: number,
  codecs: Codecs | undefined,
  decompressedBytesMax: number,
): { readonly records: readonly LogRecord[]; readonly endPosition: number } | undefined {
  const entry = entryAt(bytes, position)
  if (entry === undefined) return undefined
  const endPosition = position + entry.sizeBytes
  const compression = compressionTypes[entry.attributes & 0x07]
  if (compression === 'none') return { records: [asRecord(entry, entry)], endPosition }
  if (compression === undefined || codecs === undefined) {
    throw new CompressionError('unsupported', 'There is no codec for a compressed message set')
  }
  if (entry.valueLength < 0) throw new CorruptRecordsError('A compressed message has no value')
  const value = bytes.subarray(entry.valueStart, entry.valueStart + entry.valueLength)
  const compressed =
    compression === 'lz4' && entry.magic === 0 ? withRightHeaderChecksum(value) : value
  const inner = codecs.decompress(compression, compressed, decompressedBytesMax)
  return { records: innerRecords(entry, inner), endPosition }
}

function innerRecords(wrapper: Entry, inner: Uint8Array): LogRecord[] {
  const bytes = Buffer.from(inner.buffer, inner.byteOffset, inner.byteLength)
  const entries: Entry[] = []
  for (let position = 0; position < bytes.length; ) {
    const entry = entryAt(bytes, position)
    if (entry === undefined) throw new CorruptRecordsError('A message in a wrapper is cut off')
    if (entry.magic !== wrapper.magic || (entry.attributes & 0x07) !== 0) {
      throw new CorruptRecordsError(
        'A message in a wrapper has another format, or is compressed again',
      )
    }
    entries.push(entry)
    position += entry.sizeBytes
  }
  const last = entries.at(-1)
  if (last === undefined) throw new CorruptRecordsError('A compressed message is empty')
  // Format 1 counts the inner offsets from 0 and gives the wrapper the last one; format 0 has them absolute.
  const shift = wrapper.magic === 1 ? wrapper.offset - last.offset : 0
  return entries.map(entry => asRecord(entry, wrapper, shift))
}

function asRecord(entry: Entry, wrapper: Entry, shift = 0): LogRecord {
  const isAppendTime = wrapper.magic === 1 && (wrapper.attributes & LOG_APPEND_TIME) !== 0
  const timestamp = isAppendTime ? wrapper.timestamp : entry.timestamp
  const { bytes, keyStart, keyLength, valueStart, valueLength } = entry
  return new LogRecord(entry.offset + shift, timestamp, {
    memory: bytes.buffer,
    keyStart: bytes.byteOffset + keyStart,
    keyLength,
    valueStart: bytes.byteOffset + valueStart,
    valueLength,
    headersCount: 0,
  })
}

function entryAt(bytes: Buffer, position: number): Entry | undefined {
  if (bytes.length - position < ENTRY_PREFIX_BYTES) return undefined
  const view = viewOf(bytes)
  const end = position + ENTRY_PREFIX_BYTES + view.getInt32(position + 8)
  if (end > bytes.length) return undefined
  if (end - position <= ATTRIBUTES)
    throw new CorruptRecordsError('A message is shorter than its header')
  const magic = view.getInt8(position + MAGIC)
  if (magic !== 0 && magic !== 1) throw new CorruptRecordsError(`A message has magic ${magic}`)
  if (crc32(bytes.subarray(position + MAGIC, end)) !== view.getUint32(position + CRC)) {
    throw new CorruptRecordsError('The checksum of a message is wrong')
  }
  const timestampStart = position + ATTRIBUTES + 1
  const keyAt = timestampStart + 8 * magic
  const key = fieldAt(view, keyAt, end)
  const value = fieldAt(view, key.end, end)
  if (value.end !== end) throw new CorruptRecordsError('A message does not fill its size')
  return {
    bytes,
    position,
    sizeBytes: end - position,
    offset: readInt64(view, position),
    magic,
    attributes: view.getInt8(position + ATTRIBUTES),
    timestamp: magic === 0 ? -1 : readInt64(view, timestampStart),
    keyStart: key.start,
    keyLength: key.length,
    valueStart: value.start,
    valueLength: value.length,
  }
}

function fieldAt(view: DataView, position: number, end: number) {
  if (end - position < 4) throw new CorruptRecordsError('A message is cut off')
  const length = view.getInt32(position)
  const start = position + 4
  if (length < -1 || length > end - start) {
    throw new CorruptRecordsError('A length in a message runs beyond it')
  }
  return { start, length, end: start + Math.max(0, length) }
}
