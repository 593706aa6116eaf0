import { Buffer } from 'node:buffer'
import { type Crc32c, portableCrc32c } from '../wire/crc32c.ts'
import {
  type Codecs,
  CompressionError,
  type CompressionType,
  compressionTypes,
} from './compression.ts'
import {
  BATCH_HEADER_BYTES,
  type BatchProducer,
  batchAttributes,
  RecordBatch,
} from './record-batch.ts'
import { varintBytes, varlongBytes, writeVarint, writeVarlong } from './record-varint.ts'

/** A record to be written. Strings are written as UTF-8; null, or nothing, is the protocol's null. */
export interface RecordInput {
  readonly key?: Uint8Array | string | null
  readonly value?: Uint8Array | string | null
  readonly headers?: readonly HeaderInput[]
  /** Milliseconds since 1970, a safe integer. */
  readonly timestamp: number
}

export interface HeaderInput {
  readonly key: string
  readonly value?: Uint8Array | string | null
}

/** How a batch is finished. Producer fields that are left out are -1: no idempotence. */
export interface BuildOptions extends Partial<BatchProducer> {
  readonly compression?: CompressionType
  /** The codec's own level. */
  readonly level?: number
  /** Needed where `compression` is anything but `none`. */
  readonly codecs?: Codecs
  readonly crc32c?: Crc32c
  readonly isTransactional?: boolean
  readonly isControl?: boolean
  /** -1, as a producer sends it, if left out. */
  readonly partitionLeaderEpoch?: number
  /** 0, as a producer sends it, if left out. */
  readonly baseOffset?: number
}

const FIRST_CAPACITY_BYTES = 1024

/**
 * Writes records straight into the bytes of a batch: each record is encoded once, as it comes, and an uncompressed batch is not
 * copied again when it is built. A builder is used for one batch.
 *
 * @example
 * ```ts
 * const builder = new BatchBuilder()
 * builder.append({ key: 'user-1', value: '{"amount":3}', timestamp: Date.now() })
 * const batch = builder.build({ compression: 'lz4', codecs: nodeCodecs() })
 * ```
 */
export class BatchBuilder {
  #bytes: Buffer
  #end = BATCH_HEADER_BYTES
  #recordsCount = 0
  #baseTimestamp = -1
  #maxTimestamp = -1

  /** `capacityBytes` is a guess at the batch's size, header included; the buffer grows beyond it by doubling. */
  constructor(capacityBytes: number = FIRST_CAPACITY_BYTES) {
    this.#bytes = Buffer.allocUnsafe(Math.max(capacityBytes, BATCH_HEADER_BYTES))
  }

  get recordsCount(): number {
    return this.#recordsCount
  }

  /** The size of the batch as it is now, before compression: header and records, to the byte. */
  get sizeBytes(): number {
    return this.#end
  }

  get maxTimestamp(): number {
    return this.#maxTimestamp
  }

  /** What the batch's size would grow by with this record, before compression, to the byte. */
  sizeWith(record: RecordInput): number {
    const bodyBytes = this.#bodyBytes(record, byteLength(record.key), byteLength(record.value))
    return varintBytes(bodyBytes) + bodyBytes
  }

  /** Adds a record; it gets the next offset. Its bytes are copied. */
  append(record: RecordInput): void {
    const { key, value, headers, timestamp } = record
    const keyBytes = byteLength(key)
    const valueBytes = byteLength(value)
    if (this.#recordsCount === 0) this.#baseTimestamp = timestamp
    const bodyBytes = this.#bodyBytes(record, keyBytes, valueBytes)
    // 5: the longest prefix that says how long the body is.
    const bytes =
      this.#end + bodyBytes + 5 > this.#bytes.length ? this.#grow(bodyBytes + 5) : this.#bytes
    let at = writeVarint(bytes, this.#end, bodyBytes)
    bytes[at++] = 0
    at = writeVarlong(bytes, at, timestamp - this.#baseTimestamp)
    at = writeVarint(bytes, at, this.#recordsCount)
    at = writeField(bytes, at, key, keyBytes)
    at = writeField(bytes, at, value, valueBytes)
    if (headers === undefined || headers.length === 0) bytes[at++] = 0
    else at = writeHeaders(bytes, at, headers)
    this.#end = at
    this.#recordsCount++
    if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp
  }

  /**
   * Finishes the batch and gives its bytes. Uncompressed, they are the builder's own buffer, so nothing may be appended after;
   * compressed, the builder keeps its records and may build again.
   */
  build(options: BuildOptions): Buffer {
    const compression = options.compression ?? 'none'
    const bytes =
      compression === 'none'
        ? this.#bytes.subarray(0, this.#end)
        : this.#compressed(compression, options)
    let attributes = compressionTypes.indexOf(compression)
    if (options.isTransactional === true) attributes |= batchAttributes.transactional
    if (options.isControl === true) attributes |= batchAttributes.control
    new RecordBatch(bytes).writeHeader(
      {
        baseOffset: options.baseOffset ?? 0,
        sizeBytes: bytes.length,
        partitionLeaderEpoch: options.partitionLeaderEpoch ?? -1,
        attributes,
        lastOffsetDelta: this.#recordsCount - 1,
        baseTimestamp: this.#baseTimestamp,
        maxTimestamp: this.#maxTimestamp,
        producerId: options.producerId ?? -1,
        producerEpoch: options.producerEpoch ?? -1,
        baseSequence: options.baseSequence ?? -1,
        recordsCount: this.#recordsCount,
      },
      options.crc32c ?? portableCrc32c,
    )
    return bytes
  }

  #compressed(compression: Exclude<CompressionType, 'none'>, options: BuildOptions): Buffer {
    if (options.codecs === undefined) {
      throw new CompressionError(
        'unsupported',
        `There is no codec to compress a batch with ${compression}`,
      )
    }
    const records = this.#bytes.subarray(BATCH_HEADER_BYTES, this.#end)
    const compressed = options.codecs.compress(compression, records, options.level)
    const bytes = Buffer.allocUnsafe(BATCH_HEADER_BYTES + compressed.length)
    bytes.set(compressed, BATCH_HEADER_BYTES)
    return bytes
  }

  #bodyBytes(record: RecordInput, keyBytes: number, valueBytes: number): number {
    const { headers, timestamp } = record
    const timestampDelta = this.#recordsCount === 0 ? 0 : timestamp - this.#baseTimestamp
    return (
      1 +
      varlongBytes(timestampDelta) +
      varintBytes(this.#recordsCount) +
      fieldBytes(keyBytes) +
      fieldBytes(valueBytes) +
      (headers === undefined || headers.length === 0 ? 1 : headersBytes(headers))
    )
  }

  #grow(neededBytes: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#end + neededBytes))
    this.#bytes.copy(bytes, BATCH_HEADER_BYTES, BATCH_HEADER_BYTES, this.#end)
    this.#bytes = bytes
    return bytes
  }
}

/** The length of a field in bytes, -1 for null. */
function byteLength(field: Uint8Array | string | null | undefined): number {
  if (field === null || field === undefined) return -1
  return typeof field === 'string' ? Buffer.byteLength(field) : field.length
}

function fieldBytes(lengthBytes: number): number {
  return lengthBytes < 0 ? 1 : varintBytes(lengthBytes) + lengthBytes
}

function headersBytes(headers: readonly HeaderInput[]): number {
  let total = varintBytes(headers.length)
  for (const { key, value } of headers)
    total += fieldBytes(Buffer.byteLength(key)) + fieldBytes(byteLength(value))
  return total
}

function writeHeaders(bytes: Buffer, position: number, headers: readonly HeaderInput[]): number {
  let at = writeVarint(bytes, position, headers.length)
  for (const { key, value } of headers) {
    at = writeField(bytes, at, key, Buffer.byteLength(key))
    at = writeField(bytes, at, value, byteLength(value))
  }
  return at
}

function writeField(
  bytes: Buffer,
  position: number,
  field: Uint8Array | string | null | undefined,
  lengthBytes: number,
): number {
  const at = writeVarint(bytes, position, lengthBytes)
  if (field === null || field === undefined) return at
  if (typeof field === 'string') bytes.write(field, at)
  else bytes.set(field, at)
  return at + lengthBytes
}
