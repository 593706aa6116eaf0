import { type Crc32c, portableCrc32c } from '../wire/crc32c.ts'
import { type CompressionType, compressionTypes } from './compression.ts'
import { readInt64, writeInt64 } from './int64.ts'
import { addToSequence } from './sequence.ts'

/** The bytes of a batch before its length field counts: base offset and the length itself. */
export const BATCH_PREFIX_BYTES = 12
/** The bytes of a batch before its records. */
export const BATCH_HEADER_BYTES = 61
/** The format that is written since Kafka 0.11, and the only one accepted from producers. */
export const MAGIC_V2 = 2

const BATCH_LENGTH = 8
const PARTITION_LEADER_EPOCH = 12
const MAGIC = 16
const CRC = 17
const ATTRIBUTES = 21
const LAST_OFFSET_DELTA = 23
const BASE_TIMESTAMP = 27
const MAX_TIMESTAMP = 35
const PRODUCER_ID = 43
const PRODUCER_EPOCH = 51
const BASE_SEQUENCE = 53
const RECORDS_COUNT = 57

/** What the bits of a batch's attributes mean, beside the codec in the lowest three. */
export const batchAttributes = {
  codecMask: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
  deleteHorizon: 0x40,
} as const

/** Who wrote a batch, for idempotence and transactions. All -1: nobody in particular. */
export interface BatchProducer {
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
}

/**
 * A record batch (magic 2) in place: a view over `bytes` at `position`. Getters read the header fields where they lie and
 * allocate nothing; what is set is written there. The view trusts that the header's 61 bytes are present and, for what needs the
 * whole batch, that `sizeBytes` are: `batchesOf` and `checkBatch` see to that.
 *
 * 64-bit fields are saturated to the safe integers when read; the CRC covers everything from the attributes on.
 */
export class RecordBatch {
  /** What this is a view over: the batch begins at `position`, other batches may lie around it. */
  readonly bytes: Uint8Array
  readonly position: number
  readonly #view: DataView

  /** `view` spares making another one when several batches lie in the same bytes. */
  constructor(bytes: Uint8Array, position = 0, view = viewOf(bytes)) {
    this.bytes = bytes
    this.position = position
    this.#view = view
  }

  get baseOffset(): number {
    return readInt64(this.#view, this.position)
  }

  /** The size of the whole batch, its 12-byte prefix included. */
  get sizeBytes(): number {
    return BATCH_PREFIX_BYTES + this.#view.getInt32(this.position + BATCH_LENGTH)
  }

  /** The position after the batch. */
  get endPosition(): number {
    return this.position + this.sizeBytes
  }

  get partitionLeaderEpoch(): number {
    return this.#view.getInt32(this.position + PARTITION_LEADER_EPOCH)
  }

  get magic(): number {
    return this.#view.getInt8(this.position + MAGIC)
  }

  get crc(): number {
    return this.#view.getUint32(this.position + CRC)
  }

  get attributes(): number {
    return this.#view.getInt16(this.position + ATTRIBUTES)
  }

  /** The codec of the records; undefined for the numbers 5 to 7, which mean none. */
  get compression(): CompressionType | undefined {
    return compressionTypes[this.attributes & batchAttributes.codecMask]
  }

  get timestampType(): 'CreateTime' | 'LogAppendTime' {
    return this.attributes & batchAttributes.logAppendTime ? 'LogAppendTime' : 'CreateTime'
  }

  get isTransactional(): boolean {
    return (this.attributes & batchAttributes.transactional) !== 0
  }

  get isControl(): boolean {
    return (this.attributes & batchAttributes.control) !== 0
  }

  /** True when compaction has put the time at which tombstones may go in the place of the base timestamp (KIP-534). */
  get hasDeleteHorizon(): boolean {
    return (this.attributes & batchAttributes.deleteHorizon) !== 0
  }

  get lastOffsetDelta(): number {
    return this.#view.getInt32(this.position + LAST_OFFSET_DELTA)
  }

  get lastOffset(): number {
    return this.baseOffset + this.lastOffsetDelta
  }

  get baseTimestamp(): number {
    return readInt64(this.#view, this.position + BASE_TIMESTAMP)
  }

  get maxTimestamp(): number {
    return readInt64(this.#view, this.position + MAX_TIMESTAMP)
  }

  get producerId(): number {
    return readInt64(this.#view, this.position + PRODUCER_ID)
  }

  get producerEpoch(): number {
    return this.#view.getInt16(this.position + PRODUCER_EPOCH)
  }

  get hasProducer(): boolean {
    return this.producerId >= 0
  }

  get baseSequence(): number {
    return this.#view.getInt32(this.position + BASE_SEQUENCE)
  }

  /** The sequence of the last record, -1 without one. Counts offsets, not records: compaction leaves it as it was. */
  get lastSequence(): number {
    const baseSequence = this.baseSequence
    return baseSequence < 0 ? -1 : addToSequence(baseSequence, this.lastOffsetDelta)
  }

  get recordsCount(): number {
    return this.#view.getInt32(this.position + RECORDS_COUNT)
  }

  /** The batch's own bytes, as a view. */
  wholeBytes(): Uint8Array {
    return this.bytes.subarray(this.position, this.endPosition)
  }

  /** The bytes of the records, still compressed if they are, as a view. */
  recordBytes(): Uint8Array {
    return this.bytes.subarray(this.position + BATCH_HEADER_BYTES, this.endPosition)
  }

  /** Whether the stored checksum is that of the bytes. Give the accelerated `crc32c` where batches are large. */
  crcIsValid(crc32c: Crc32c = portableCrc32c): boolean {
    return this.crc === this.#computeCrc(crc32c)
  }

  /** The CRC does not cover it. */
  setBaseOffset(offset: number): void {
    writeInt64(this.#view, this.position, offset)
  }

  /** The CRC does not cover it. */
  setPartitionLeaderEpoch(epoch: number): void {
    this.#view.setInt32(this.position + PARTITION_LEADER_EPOCH, epoch)
  }

  /** Makes `now` the timestamp of every record, and writes the CRC anew. */
  stampLogAppendTime(now: number, crc32c: Crc32c = portableCrc32c): void {
    this.#setAttributes(this.attributes | batchAttributes.logAppendTime)
    writeInt64(this.#view, this.position + MAX_TIMESTAMP, now)
    this.writeCrc(crc32c)
  }

  /** Puts another producer or sequence in, and writes the CRC anew: for a client that sends a batch again under a new epoch. */
  setProducer(producer: BatchProducer, crc32c: Crc32c = portableCrc32c): void {
    this.#writeProducer(producer)
    this.writeCrc(crc32c)
  }

  /** Writes the checksum of the bytes as they are now. */
  writeCrc(crc32c: Crc32c): void {
    this.#view.setUint32(this.position + CRC, this.#computeCrc(crc32c))
  }

  /** Writes the whole header, checksum included, in front of records that already lie there. */
  writeHeader(header: BatchHeader, crc32c: Crc32c): void {
    const view = this.#view
    const at = this.position
    writeInt64(view, at, header.baseOffset)
    view.setInt32(at + BATCH_LENGTH, header.sizeBytes - BATCH_PREFIX_BYTES)
    view.setInt32(at + PARTITION_LEADER_EPOCH, header.partitionLeaderEpoch)
    view.setInt8(at + MAGIC, MAGIC_V2)
    this.#setAttributes(header.attributes)
    view.setInt32(at + LAST_OFFSET_DELTA, header.lastOffsetDelta)
    writeInt64(view, at + BASE_TIMESTAMP, header.baseTimestamp)
    writeInt64(view, at + MAX_TIMESTAMP, header.maxTimestamp)
    this.#writeProducer(header)
    view.setInt32(at + RECORDS_COUNT, header.recordsCount)
    this.writeCrc(crc32c)
  }

  #writeProducer(producer: BatchProducer): void {
    writeInt64(this.#view, this.position + PRODUCER_ID, producer.producerId)
    this.#view.setInt16(this.position + PRODUCER_EPOCH, producer.producerEpoch)
    this.#view.setInt32(this.position + BASE_SEQUENCE, producer.baseSequence)
  }

  #setAttributes(attributes: number): void {
    this.#view.setInt16(this.position + ATTRIBUTES, attributes)
  }

  #computeCrc(crc32c: Crc32c): number {
    return crc32c(this.bytes, this.position + ATTRIBUTES, this.endPosition)
  }
}

/** The fields of a batch's header that its writer decides. */
export interface BatchHeader extends BatchProducer {
  readonly baseOffset: number
  readonly sizeBytes: number
  readonly partitionLeaderEpoch: number
  readonly attributes: number
  readonly lastOffsetDelta: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly recordsCount: number
}

/** A DataView over the same bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
