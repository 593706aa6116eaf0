import { CorruptRecordsError } from './corrupt-records-error.ts'

/** Reads the variable-length integers of records one after another, never beyond its end. */
export class RecordCursor {
  readonly bytes: Uint8Array
  readonly end: number
  position: number

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes
    this.position = start
    this.end = end
  }

  /** A signed 32-bit varint. Most take one byte or two. */
  readVarint(): number {
    const position = this.position
    const bytes = this.bytes
    if (this.end - position >= 2) {
      const first = bytes[position]!
      if (first < 0x80) {
        this.position = position + 1
        return (first >>> 1) ^ -(first & 1)
      }
      const second = bytes[position + 1]!
      if (second < 0x80) {
        this.position = position + 2
        const value = (first & 0x7f) | (second << 7)
        return (value >>> 1) ^ -(value & 1)
      }
    }
    return this.#readLongerVarint()
  }

  #readLongerVarint(): number {
    const bytes = this.bytes
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.position >= this.end) throw new CorruptRecordsError('A varint is cut off')
      const byte = bytes[this.position++]!
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    throw new CorruptRecordsError('A varint is longer than 5 bytes')
  }

  /** A signed 64-bit varint, saturated to the safe integers. */
  readVarlong(): number {
    const position = this.position
    if (this.end - position >= 2 && this.bytes[position + 1]! < 0x80) return this.readVarint()
    const first = this.readByte()
    const isNegative = (first & 1) === 1
    // The zig-zagged number without its lowest bit: a double holds it exactly up to 2^53.
    let half = (first & 0x7f) >>> 1
    let byte = first
    let scale = 64
    for (let count = 1; byte >= 0x80; count++) {
      if (count === 10) throw new CorruptRecordsError('A varint is longer than 10 bytes')
      byte = this.readByte()
      half += (byte & 0x7f) * scale
      scale *= 128
    }
    if (half >= Number.MAX_SAFE_INTEGER)
      return isNegative ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER
    return isNegative ? -half - 1 : half
  }

  readByte(): number {
    if (this.position >= this.end) throw new CorruptRecordsError('A record is cut off')
    return this.bytes[this.position++]!
  }

  /** Moves over `count` bytes and returns where they began. */
  skip(count: number): number {
    const start = this.position
    if (count > this.end - start)
      throw new CorruptRecordsError('A length in a record runs beyond it')
    this.position = start + count
    return start
  }
}
