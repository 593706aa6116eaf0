import { Buffer } from 'node:buffer'
import { bufferView } from './buffer-view.ts'
import { INT64_MAX, TWO_TO_32 } from './int64.ts'
import { isBits } from './int64-bits.ts'
import { ZERO_UUID } from './uuid.ts'
import { WireError } from './wire-error.ts'

const firstChunkBytes = 512
/** Below this size a chunk grows fourfold, because a copy and an allocation cost more than the room. */
const generousBytes = 65_536
/** A larger chunk is not kept for the next message. */
const keptChunkBytes = 65_536
const shortString = 10
/** A part of records from this size on is passed on by reference; a smaller one is cheaper to copy than to send apart. */
const referencedBytes = 2048
const longestClassicString = 32_767

/** What a field of records is written from: the bytes in one piece or in several. */
export type RecordsInput = Uint8Array | readonly Uint8Array[]

/**
 * Writes the primitives of the wire format. Small values go into one growing chunk; large parts of records are passed on by
 * reference, so the caller must leave them unchanged until the parts that `finish` gives have been sent.
 *
 * A writer may write one message after another, each behind the one before in the same chunk as long as there is room. What was given
 * out is never written to again.
 */
export class Writer {
  readonly #firstBytes: number
  #chunk: Buffer
  #view: DataView
  /** Where the chunk lies: from `#base` on in `#memory`. */
  #memory: ArrayBufferLike
  #base: number
  #at = 0
  /** Where the bytes begin that lie in the chunk but in no part yet. */
  #from = 0
  #parts: Uint8Array[] = []
  #partsBytes = 0
  /** Inside a tagged field everything is copied, because its size is written in front of it afterwards. */
  #taggedDepth = 0

  constructor(sizeBytes?: number) {
    this.#firstBytes = sizeBytes ?? firstChunkBytes
    this.#chunk = Buffer.allocUnsafe(this.#firstBytes)
    this.#memory = this.#chunk.buffer
    this.#base = this.#chunk.byteOffset
    this.#view = viewOf(this.#chunk)
  }

  /** How many bytes have been written so far. */
  get sizeBytes(): number {
    return this.#partsBytes + this.#at - this.#from
  }

  /** Begins a message. Whatever was written since the last `finish` is thrown away. */
  begin(): void {
    if (this.#chunk.length > keptChunkBytes) {
      this.#useChunk(Buffer.allocUnsafe(this.#firstBytes))
      this.#at = 0
    }
    this.#from = this.#at
    this.#parts = []
    this.#partsBytes = 0
    this.#taggedDepth = 0
  }

  /** The bytes written, as parts to send one after another. Only `begin` may follow. */
  finish(): Uint8Array[] {
    if (this.#parts.length === 0) return this.#at === this.#from ? [] : [this.#takeLoose()]
    this.#seal()
    return this.#parts
  }

  int8(value: number): void {
    if ((value << 24) >> 24 !== value) refuse(value, 'int8')
    const at = this.#reserve(1)
    this.#view.setInt8(at, value)
  }

  uint8(value: number): void {
    const at = this.#reserve(1)
    this.#view.setUint8(at, value)
  }

  int16(value: number): void {
    if ((value << 16) >> 16 !== value) refuse(value, 'int16')
    const at = this.#reserve(2)
    this.#view.setInt16(at, value)
  }

  uint16(value: number): void {
    if ((value & 0xffff) !== value) refuse(value, 'uint16')
    const at = this.#reserve(2)
    this.#view.setUint16(at, value)
  }

  int32(value: number): void {
    if ((value | 0) !== value) refuse(value, 'int32')
    const at = this.#reserve(4)
    this.#view.setInt32(at, value)
  }

  uint32(value: number): void {
    if (value >>> 0 !== value) refuse(value, 'uint32')
    const at = this.#reserve(4)
    this.#view.setUint32(at, value)
  }

  int64(value: number): void {
    if (!Number.isSafeInteger(value)) refuse(value, 'int64 of at most 53 bits')
    const at = this.#reserve(8)
    const low = value >>> 0
    this.#view.setInt32(at, (value - low) / TWO_TO_32)
    this.#view.setUint32(at + 4, low)
  }

  /** An int64 whose largest value is the marker `INT64_MAX`. */
  int64OrMax(value: number): void {
    if (value !== INT64_MAX) {
      this.int64(value)
      return
    }
    const at = this.#reserve(8)
    this.#view.setInt32(at, 0x7fffffff)
    this.#view.setUint32(at + 4, 0xffffffff)
  }

  /** An int64 with all its bits, given as sixteen hexadecimal digits. */
  int64Bits(value: string): void {
    if (!isBits(value)) throw new WireError('an int64 is not 16 hexadecimal digits')
    const at = this.#reserve(8)
    this.#chunk.write(value, at, 8, 'hex')
  }

  float64(value: number): void {
    const at = this.#reserve(8)
    this.#view.setFloat64(at, value)
  }

  boolean(value: boolean): void {
    const at = this.#reserve(1)
    this.#view.setInt8(at, value ? 1 : 0)
  }

  unsignedVarint(value: number): void {
    let at = this.#reserve(5)
    let rest = value
    while (rest > 0x7f) {
      this.#view.setUint8(at++, (rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.#view.setUint8(at++, rest)
    this.#at = at
  }

  uuid(value: string): void {
    const at = this.#reserve(16)
    if (value === ZERO_UUID) {
      this.#chunk.fill(0, at, at + 16)
    } else if (value.length !== 22 || this.#chunk.write(value, at, 16, 'base64url') !== 16) {
      throw new WireError('a uuid is not 22 characters of base64url')
    }
  }

  string(value: string): void {
    const at = this.#reserve(2 + value.length * 3)
    const length = this.#text(value, at + 2)
    if (length > longestClassicString) throw new WireError('a string is longer than 32767 bytes')
    this.#view.setInt16(at, length)
    this.#at = at + 2 + length
  }

  nullableString(value: string | null): void {
    if (value === null) this.int16(-1)
    else this.string(value)
  }

  compactString(value: string): void {
    if (value.length > 42) {
      this.unsignedVarint(Buffer.byteLength(value) + 1)
      const at = this.#reserve(value.length * 3)
      this.#at = at + this.#text(value, at)
      return
    }
    // At most 126 bytes, so the length takes one byte whatever the characters are.
    const at = this.#reserve(1 + value.length * 3)
    const length = this.#text(value, at + 1)
    this.#view.setUint8(at, length + 1)
    this.#at = at + 1 + length
  }

  compactNullableString(value: string | null): void {
    if (value === null) this.uint8(0)
    else this.compactString(value)
  }

  bytes(value: Uint8Array): void {
    this.int32(value.length)
    this.raw(value)
  }

  nullableBytes(value: Uint8Array | null): void {
    if (value === null) this.int32(-1)
    else this.bytes(value)
  }

  compactBytes(value: Uint8Array): void {
    this.unsignedVarint(value.length + 1)
    this.raw(value)
  }

  compactNullableBytes(value: Uint8Array | null): void {
    if (value === null) this.uint8(0)
    else this.compactBytes(value)
  }

  records(value: RecordsInput): void {
    if (isInParts(value)) {
      this.int32(lengthOf(value))
      this.#passOnParts(value)
      return
    }
    this.int32(value.length)
    this.#passOn(value)
  }

  nullableRecords(value: RecordsInput | null): void {
    if (value === null) this.int32(-1)
    else this.records(value)
  }

  compactRecords(value: RecordsInput): void {
    if (isInParts(value)) {
      this.unsignedVarint(lengthOf(value) + 1)
      this.#passOnParts(value)
      return
    }
    this.unsignedVarint(value.length + 1)
    this.#passOn(value)
  }

  compactNullableRecords(value: RecordsInput | null): void {
    if (value === null) this.uint8(0)
    else this.compactRecords(value)
  }

  /** The bytes as they are, without a length. */
  raw(value: Uint8Array): void {
    const at = this.#reserve(value.length)
    this.#chunk.set(value, at)
  }

  /** Begins a tagged field; give what it returns to `endTagged` once the value is written. */
  beginTagged(tag: number): number {
    this.unsignedVarint(tag)
    this.#taggedDepth++
    this.#reserve(1)
    return this.#at - this.#from
  }

  /** Writes the size of the tagged field that began at `mark`, moving it along if the size takes more than a byte. */
  endTagged(mark: number): void {
    this.#taggedDepth--
    const size = this.#at - this.#from - mark
    if (size > 0x7f) {
      let extra = 0
      for (let rest = size; rest > 0x7f; rest >>>= 7) extra++
      this.#reserve(extra)
      const start = this.#from + mark
      this.#chunk.copyWithin(start + extra, start, start + size)
    }
    const end = this.#at
    this.#at = this.#from + mark - 1
    let at = this.#at
    let rest = size
    while (rest > 0x7f) {
      this.#view.setUint8(at++, (rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.#view.setUint8(at, rest)
    this.#at = end
  }

  #passOnParts(parts: readonly Uint8Array[]): void {
    for (const part of parts) this.#passOn(part)
  }

  #passOn(part: Uint8Array): void {
    if (part.length < referencedBytes || this.#taggedDepth > 0) {
      this.raw(part)
      return
    }
    // As `seal` does, but written out: for a request of many partitions, this is most of the work.
    const from = this.#from
    const looseBytes = this.#at - from
    if (looseBytes > 0) {
      this.#parts.push(bufferView(this.#memory, this.#base + from, looseBytes), part)
      this.#from = this.#at
    } else this.#parts.push(part)
    this.#partsBytes += looseBytes + part.length
  }

  #seal(): void {
    if (this.#at > this.#from) this.#parts.push(this.#takeLoose())
  }

  #takeLoose(): Uint8Array {
    const sizeBytes = this.#at - this.#from
    const loose = bufferView(this.#memory, this.#base + this.#from, sizeBytes)
    this.#partsBytes += sizeBytes
    this.#from = this.#at
    return loose
  }

  /** Writes the text at `at`, where room has been reserved, and returns how many bytes it took. */
  #text(value: string, at: number): number {
    const length = value.length
    if (length > shortString) return this.#chunk.write(value, at)
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index)
      if (code > 0x7f) return this.#chunk.write(value, at)
      this.#view.setUint8(at + index, code)
    }
    return length
  }

  #reserve(sizeBytes: number): number {
    if (this.#at + sizeBytes > this.#chunk.length) this.#grow(sizeBytes)
    const at = this.#at
    this.#at = at + sizeBytes
    return at
  }

  #grow(sizeBytes: number): void {
    const loose = this.#at - this.#from
    const factor = this.#chunk.length < generousBytes ? 4 : 2
    // What fills the chunk may be messages before this one: then the next need not be larger.
    const isLong = 4 * loose >= this.#chunk.length
    const size = Math.max((isLong ? factor : 1) * this.#chunk.length, 2 * (loose + sizeBytes))
    const chunk = Buffer.allocUnsafe(size)
    this.#chunk.copy(chunk, 0, this.#from, this.#at)
    this.#useChunk(chunk)
    this.#from = 0
    this.#at = loose
  }

  #useChunk(chunk: Buffer): void {
    this.#chunk = chunk
    this.#memory = chunk.buffer
    this.#base = chunk.byteOffset
    this.#view = viewOf(chunk)
  }
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Not `instanceof Uint8Array`, which goes along the chain of prototypes. */
const isInParts = (value: RecordsInput): value is readonly Uint8Array[] => Array.isArray(value)

const lengthOf = (parts: readonly Uint8Array[]): number => {
  let length = 0
  for (const part of parts) length += part.length
  return length
}

const refuse = (value: number, type: string): never => {
  throw new WireError(`${value} is not an ${type}`)
}
