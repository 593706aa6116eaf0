import { Buffer } from 'node:buffer'

/** A record as the loops by hand take and give it. */
export interface PlainRecord {
  readonly key: Buffer
  readonly value: Buffer
  readonly timestamp: number
}

const HEADER_BYTES = 61

/** The records of a batch and its header written by one loop that knows no API and allows for nothing: the bound for the builder. */
export const encodeByHand = (records: readonly PlainRecord[], capacityBytes: number): Buffer => {
  const bytes = Buffer.allocUnsafe(capacityBytes)
  const base = records[0]?.timestamp ?? 0
  let newest = base
  let at = HEADER_BYTES
  for (let index = 0; index < records.length; index++) {
    const { key, value, timestamp } = records[index] as PlainRecord
    if (timestamp > newest) newest = timestamp
    const delta = timestamp - base
    const bodyBytes =
      2 +
      varintBytes(delta) +
      varintBytes(index) +
      varintBytes(key.length) +
      key.length +
      varintBytes(value.length) +
      value.length
    at = writeVarint(bytes, at, bodyBytes)
    bytes[at++] = 0
    at = writeVarint(bytes, at, delta)
    at = writeVarint(bytes, at, index)
    at = writeVarint(bytes, at, key.length)
    bytes.set(key, at)
    at += key.length
    at = writeVarint(bytes, at, value.length)
    bytes.set(value, at)
    at += value.length
    bytes[at++] = 0
  }
  writeHeader(bytes, { at, base, newest, count: records.length })
  return bytes.subarray(0, at)
}

const writeHeader = (
  bytes: Buffer,
  { at, base, newest, count }: { at: number; base: number; newest: number; count: number },
): void => {
  bytes.fill(0, 0, 8)
  bytes.writeInt32BE(at - 12, 8)
  bytes.writeInt32BE(-1, 12)
  bytes[16] = 2
  bytes.writeUInt32BE(0, 17)
  bytes.writeInt16BE(0, 21)
  bytes.writeInt32BE(count - 1, 23)
  bytes.writeIntBE(Math.floor(base / 2 ** 32), 27, 4)
  bytes.writeUInt32BE(base >>> 0, 31)
  bytes.writeIntBE(Math.floor(newest / 2 ** 32), 35, 4)
  bytes.writeUInt32BE(newest >>> 0, 39)
  bytes.fill(0xff, 43, 57)
  bytes.writeInt32BE(count, 57)
}

/** What the loop by hand gives for a record: the same as ours, with key and value as views. */
export interface RecordByHand {
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer
  readonly value: Buffer
}

/** Reads the records of a batch by one loop that trusts every byte: the bound for the iterator. Gives the sum of the lengths. */
export const decodeByHand = (bytes: Buffer, take: (record: RecordByHand) => void): void => {
  const baseOffset = bytes.readUInt32BE(0) * 2 ** 32 + bytes.readUInt32BE(4)
  const baseTimestamp = bytes.readUInt32BE(27) * 2 ** 32 + bytes.readUInt32BE(31)
  const count = bytes.readInt32BE(57)
  place.at = HEADER_BYTES
  for (let index = 0; index < count; index++) {
    readVarint(bytes)
    place.at++
    const timestamp = baseTimestamp + readVarint(bytes)
    const offset = baseOffset + readVarint(bytes)
    const key = readField(bytes)
    const value = readField(bytes)
    readVarint(bytes)
    take({ offset, timestamp, key, value })
  }
}

/**
 * The least that reading key and value of each record can cost: `decodeByHand` without an object for each record, and with views made
 * by the class that `subarray` makes them by. Gives the sum that the others come to.
 */
export const sumBare = (bytes: Buffer): number => {
  const { buffer, byteOffset } = bytes
  const count = bytes.readInt32BE(57)
  let sum =
    count * (bytes.readUInt32BE(4) + bytes.readUInt32BE(27) * 2 ** 32 + bytes.readUInt32BE(31))
  place.at = HEADER_BYTES
  for (let index = 0; index < count; index++) {
    readVarint(bytes)
    place.at++
    sum += readVarint(bytes) + readVarint(bytes)
    const keyBytes = readVarint(bytes)
    const key = new View(buffer, byteOffset + place.at, keyBytes)
    place.at += keyBytes
    const valueBytes = readVarint(bytes)
    const value = new View(buffer, byteOffset + place.at, valueBytes)
    place.at += valueBytes
    readVarint(bytes)
    sum += key.length + value.length
  }
  return sum
}

type MakeView = new (memory: ArrayBufferLike, start: number, sizeBytes: number) => Buffer
const View = (Buffer as unknown as { readonly [Symbol.species]: MakeView })[Symbol.species]

const place = { at: 0 }

const readField = (bytes: Buffer): Buffer => {
  const length = readVarint(bytes)
  const start = place.at
  place.at = start + length
  return bytes.subarray(start, place.at)
}

const readVarint = (bytes: Buffer): number => {
  let byte = bytes[place.at++] as number
  let raw = byte & 0x7f
  for (let shift = 7; byte >= 0x80; shift += 7) {
    byte = bytes[place.at++] as number
    raw |= (byte & 0x7f) << shift
  }
  return (raw >>> 1) ^ -(raw & 1)
}

const varintBytes = (value: number): number => {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  return zigzag < 0x80 ? 1 : zigzag < 0x4000 ? 2 : zigzag < 0x20_0000 ? 3 : 5
}

const writeVarint = (bytes: Buffer, position: number, value: number): number => {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  let at = position
  while (rest >= 0x80) {
    bytes[at++] = rest | 0x80
    rest >>>= 7
  }
  bytes[at++] = rest
  return at
}
