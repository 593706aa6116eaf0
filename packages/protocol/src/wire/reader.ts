import { Buffer } from 'node:buffer'
import { bufferView } from './buffer-view.ts'
import { INT64_MAX, TWO_TO_32 } from './int64.ts'
import { bitsOf } from './int64-bits.ts'
import { ZERO_UUID } from './uuid.ts'
import { WireError } from './wire-error.ts'

const shortString = 12
/**
 * How many array elements one message may hold in all. An element of three bytes becomes an object of a hundred, so the
 * size of the frame alone would let a stranger fill the memory.
 */
const elementsMax = 1_000_000

/**
 * Reads the primitives of the wire format from a stretch of bytes. It never trusts a length: whatever does not fit in the
 * bytes at hand is a `WireError`, and nothing is allocated by a declared size. `bytes` and `records` are views, not copies.
 *
 * A reader can be pointed at other bytes with `reset`, which costs next to nothing when they lie in the same ArrayBuffer.
 */
export class Reader {
  #memory: ArrayBufferLike
  #whole: Buffer
  #view: DataView
  #base = 0
  #at = 0
  #end = 0
  #elementsLeft = elementsMax

  constructor(bytes: Uint8Array, start?: number, end?: number) {
    this.#memory = bytes.buffer
    this.#whole = Buffer.from(bytes.buffer)
    this.#view = new DataView(bytes.buffer)
    this.reset(bytes, start, end)
  }

  /** Points the reader at `bytes` between the positions `start` and `end`. */
  reset(bytes: Uint8Array, start?: number, end?: number): void {
    if (bytes.buffer !== this.#memory) {
      this.#memory = bytes.buffer
      this.#whole = Buffer.from(bytes.buffer)
      this.#view = new DataView(bytes.buffer)
    }
    const from = start ?? 0
    const to = end ?? bytes.length
    if (from < 0 || to < from || to > bytes.length)
      throw new RangeError('a reader lies outside of its bytes')
    this.#base = bytes.byteOffset
    this.#at = this.#base + from
    this.#end = this.#base + to
    this.#elementsLeft = elementsMax
  }

  /** Lifts the limit on array elements, for bytes from a peer that we chose to talk to (a large cluster's metadata). */
  allowAnyCount(): void {
    this.#elementsLeft = Number.POSITIVE_INFINITY
  }

  /** Where the next read begins, counted from the start of the bytes given. */
  get position(): number {
    return this.#at - this.#base
  }

  get remaining(): number {
    return this.#end - this.#at
  }

  int8(): number {
    const at = this.#take(1)
    return this.#view.getInt8(at)
  }

  uint8(): number {
    const at = this.#take(1)
    return this.#view.getUint8(at)
  }

  int16(): number {
    const at = this.#take(2)
    return this.#view.getInt16(at)
  }

  uint16(): number {
    const at = this.#take(2)
    return this.#view.getUint16(at)
  }

  int32(): number {
    const at = this.#take(4)
    return this.#view.getInt32(at)
  }

  uint32(): number {
    const at = this.#take(4)
    return this.#view.getUint32(at)
  }

  /** A 64-bit integer that a JavaScript number holds exactly; any other is refused rather than rounded. */
  int64(): number {
    const at = this.#take(8)
    const value = this.#view.getInt32(at) * TWO_TO_32 + this.#view.getUint32(at + 4)
    if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) {
      throw new WireError('an int64 is beyond 2^53-1')
    }
    return value
  }

  /** An int64 whose largest value is the marker `INT64_MAX`. */
  int64OrMax(): number {
    const at = this.#at
    if (this.#end - at >= 8 && this.#view.getInt32(at) === 0x7fffffff) {
      if (this.#view.getUint32(at + 4) === 0xffffffff) {
        this.#at = at + 8
        return INT64_MAX
      }
    }
    return this.int64()
  }

  /** An int64 with all its bits, as sixteen hexadecimal digits. */
  int64Bits(): string {
    const at = this.#take(8)
    return bitsOf(this.#view.getUint32(at), this.#view.getUint32(at + 4))
  }

  float64(): number {
    const at = this.#take(8)
    return this.#view.getFloat64(at)
  }

  boolean(): boolean {
    return this.int8() !== 0
  }

  /** An unsigned integer of 32 bits in at most five bytes of seven bits. */
  unsignedVarint(): number {
    const first = this.uint8()
    if (first < 0x80) return first
    let value = first & 0x7f
    for (let shift = 7; shift < 28; shift += 7) {
      const next = this.uint8()
      value |= (next & 0x7f) << shift
      if (next < 0x80) return value
    }
    const last = this.uint8()
    if (last > 0x0f) throw new WireError('a varint is longer than 32 bits')
    return (value | (last << 28)) >>> 0
  }

  uuid(): string {
    const at = this.#take(16)
    const view = this.#view
    if (
      view.getInt32(at) === 0 &&
      view.getInt32(at + 4) === 0 &&
      view.getInt32(at + 8) === 0 &&
      view.getInt32(at + 12) === 0
    ) {
      return ZERO_UUID
    }
    return this.#whole.toString('base64url', at, at + 16)
  }

  string(): string {
    return this.#text(this.#present(this.int16()))
  }

  nullableString(): string | null {
    const length = this.#nullable(this.int16())
    return length < 0 ? null : this.#text(length)
  }

  compactString(): string {
    return this.#text(this.#present(this.unsignedVarint() - 1))
  }

  compactNullableString(): string | null {
    const length = this.unsignedVarint() - 1
    return length < 0 ? null : this.#text(length)
  }

  bytes(): Uint8Array {
    return this.#slice(this.#present(this.int32()))
  }

  nullableBytes(): Uint8Array | null {
    const length = this.#nullable(this.int32())
    return length < 0 ? null : this.#slice(length)
  }

  compactBytes(): Uint8Array {
    return this.#slice(this.#present(this.unsignedVarint() - 1))
  }

  compactNullableBytes(): Uint8Array | null {
    const length = this.unsignedVarint() - 1
    return length < 0 ? null : this.#slice(length)
  }

  /** The number of elements of an array, of which each takes at least `elementBytes`. */
  arrayLength(elementBytes: number): number {
    return this.#count(this.#present(this.int32()), elementBytes)
  }

  /** As `arrayLength`, and -1 for null. */
  nullableArrayLength(elementBytes: number): number {
    return this.#count(this.#nullable(this.int32()), elementBytes)
  }

  compactArrayLength(elementBytes: number): number {
    return this.#count(this.#present(this.unsignedVarint() - 1), elementBytes)
  }

  compactNullableArrayLength(elementBytes: number): number {
    return this.#count(this.unsignedVarint() - 1, elementBytes)
  }

  /** Passes over a section of tagged fields none of which is known here. */
  skipTaggedFields(): void {
    const at = this.#at
    if (at < this.#end && this.#view.getUint8(at) === 0) this.#at = at + 1
    else this.#skipTaggedFields()
  }

  #skipTaggedFields(): void {
    let previous = -1
    for (let left = this.unsignedVarint(); left > 0; left--) {
      previous = this.tag(previous)
      this.skip(this.#room(this.unsignedVarint()))
    }
  }

  /** The next tag of a section, which must be above the `previous` one. */
  tag(previous: number): number {
    const tag = this.unsignedVarint()
    if (tag <= previous) throw new WireError('tagged fields are not in ascending order')
    return tag
  }

  /** The size of a tagged field, as the position where it must end. */
  taggedEnd(): number {
    const size = this.#room(this.unsignedVarint())
    return this.position + size
  }

  /** Checks that a known tagged field took just the bytes that it declared. */
  endTagged(end: number): void {
    if (this.position !== end) throw new WireError('a tagged field is not as long as it says')
  }

  /** Passes over an unknown tagged field that ends at `end`. */
  skipTo(end: number): void {
    this.skip(end - this.position)
  }

  skip(sizeBytes: number): void {
    this.#take(sizeBytes)
  }

  /** A view of the next `sizeBytes` bytes. */
  take(sizeBytes: number): Buffer {
    return this.#slice(this.#room(sizeBytes))
  }

  #take(sizeBytes: number): number {
    const at = this.#at
    if (sizeBytes > this.#end - at) throw new WireError('the bytes end in the middle of a value')
    this.#at = at + sizeBytes
    return at
  }

  #room(sizeBytes: number): number {
    if (sizeBytes < 0 || sizeBytes > this.#end - this.#at) {
      throw new WireError('a length goes beyond the bytes at hand')
    }
    return sizeBytes
  }

  #present(length: number): number {
    if (length < 0) throw new WireError('a null stands where none is allowed')
    return length
  }

  #nullable(length: number): number {
    if (length < -1) throw new WireError('a length is negative')
    return length
  }

  #count(count: number, elementBytes: number): number {
    if (count <= 0) return count
    if (count * (elementBytes > 0 ? elementBytes : 1) > this.#end - this.#at) {
      throw new WireError('an array is longer than the bytes at hand')
    }
    this.#elementsLeft -= count
    if (this.#elementsLeft < 0)
      throw new WireError('a message has more array elements than allowed')
    return count
  }

  #text(length: number): string {
    const at = this.#at
    if (length > this.#end - at) throw new WireError('a string goes beyond the bytes at hand')
    const end = at + length
    this.#at = end
    if (length > shortString) return this.#whole.toString('utf8', at, end)
    let text = ''
    for (let index = at; index < end; index++) {
      const code = this.#view.getUint8(index)
      if (code > 0x7f) return this.#whole.toString('utf8', at, end)
      text += String.fromCharCode(code)
    }
    return text
  }

  #slice(length: number): Buffer {
    const at = this.#at
    if (length > this.#end - at) throw new WireError('a length goes beyond the bytes at hand')
    this.#at = at + length
    return bufferView(this.#memory, at, length)
  }
}
