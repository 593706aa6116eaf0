import { Buffer } from 'node:buffer'
import { INT64_MAX, Reader, WireError, Writer } from '@varve/protocol'
import { describe, expect, it } from 'vitest'

const written = (write: (writer: Writer) => void): string => {
  const writer = new Writer()
  write(writer)
  return Buffer.concat(writer.finish()).toString('hex')
}

describe('Writer', () => {
  it('writes int64 in two halves', () => {
    expect(written(writer => writer.int64(Number.MAX_SAFE_INTEGER))).toBe('001fffffffffffff')
    expect(written(writer => writer.int64(Number.MIN_SAFE_INTEGER))).toBe('ffe0000000000001')
    expect(written(writer => writer.int64(-1))).toBe('ffffffffffffffff')
    expect(written(writer => writer.int64(-(2 ** 32)))).toBe('ffffffff00000000')
    expect(written(writer => writer.int64OrMax(INT64_MAX))).toBe('7fffffffffffffff')
    expect(written(writer => writer.int64Bits('8000000000000000'))).toBe('8000000000000000')
  })

  it('refuses numbers that the type does not hold', () => {
    const writer = new Writer()
    expect(() => writer.int8(128)).toThrow(WireError)
    expect(() => writer.int16(-32_769)).toThrow(WireError)
    expect(() => writer.uint16(-1)).toThrow(WireError)
    expect(() => writer.int32(2 ** 31)).toThrow(WireError)
    expect(() => writer.int32(0.5)).toThrow(WireError)
    expect(() => writer.uint32(2 ** 32)).toThrow(WireError)
    expect(() => writer.int64(2 ** 53)).toThrow(WireError)
    expect(() => writer.int64(Number.NaN)).toThrow(WireError)
    for (const none of ['', '0', '800000000000000g', '80000000000000000', '8000000000000 00'])
      expect(() => writer.int64Bits(none)).toThrow(WireError)
  })

  it('refuses a string that a classic length cannot say, and a uuid that is none', () => {
    const writer = new Writer()
    expect(() => writer.string('x'.repeat(32_768))).toThrow(WireError)
    expect(() => writer.uuid('not a uuid')).toThrow(WireError)
    expect(() => writer.uuid('!'.repeat(22))).toThrow(WireError)
  })

  it('keeps what it wrote while its chunk grows', () => {
    const writer = new Writer(4)
    for (let value = 0; value < 1000; value++) writer.int32(value)
    writer.string('end')
    const reader = new Reader(Buffer.concat(writer.finish()))
    for (let value = 0; value < 1000; value++) expect(reader.int32()).toBe(value)
    expect(reader.string()).toBe('end')
  })

  it('writes message after message, and never again to what it gave out', () => {
    const writer = new Writer(64)
    const given: { readonly parts: Uint8Array[]; readonly text: string }[] = []
    for (let index = 0; index < 300; index++) {
      const text = `${index} `.repeat((index * 37) % 500)
      writer.begin()
      writer.string(text)
      expect(writer.sizeBytes).toBe(2 + text.length)
      given.push({ parts: writer.finish(), text })
    }
    for (const { parts, text } of given)
      expect(new Reader(Buffer.concat(parts)).string()).toBe(text)
  })

  it('puts short messages side by side, and begins small again after a very long one', () => {
    const writer = new Writer(1_000)
    const message = (text: string): Uint8Array => {
      writer.begin()
      writer.string(text)
      return writer.finish()[0] as Uint8Array
    }
    const [first, second] = [message('one'), message('two')]
    expect(second.buffer).toBe(first.buffer)
    expect(second.byteOffset).toBe(first.byteOffset + first.length)
    writer.begin()
    writer.raw(Buffer.alloc(1_000_000))
    writer.finish()
    expect(message('three').buffer.byteLength).toBeLessThan(100_000)
  })

  it('throws away a message that was begun and not finished', () => {
    const writer = new Writer()
    writer.begin()
    writer.string('lost')
    writer.begin()
    writer.int8(1)
    expect(Buffer.concat(writer.finish()).toString('hex')).toBe('01')
  })

  it('passes large parts of records on by reference and copies small ones', () => {
    const large = Buffer.alloc(100_000, 1)
    const small = Buffer.alloc(10, 2)
    const writer = new Writer()
    writer.compactNullableRecords([small, large, small])
    writer.int8(3)
    expect(writer.sizeBytes).toBe(3 + 100_020 + 1)
    const parts = writer.finish()
    expect(parts.some(part => part === large)).toBe(true)
    expect(parts.some(part => part === small)).toBe(false)
    const reader = new Reader(Buffer.concat(parts))
    expect(reader.compactBytes()).toHaveLength(100_020)
    expect(reader.int8()).toBe(3)
  })

  it('writes the size in front of a tagged field, however long it is', () => {
    for (const length of [0, 1, 127, 128, 16_383, 16_384, 100_000]) {
      const writer = new Writer(8)
      writer.int8(7)
      const mark = writer.beginTagged(300)
      writer.raw(Buffer.alloc(length, 5))
      writer.endTagged(mark)
      writer.int8(9)
      const reader = new Reader(Buffer.concat(writer.finish()))
      expect(reader.int8()).toBe(7)
      expect(reader.tag(-1)).toBe(300)
      const end = reader.taggedEnd()
      expect(reader.take(length).every(byte => byte === 5)).toBe(true)
      reader.endTagged(end)
      expect(reader.int8()).toBe(9)
    }
  })

  it('writes a tagged field behind records that went by reference', () => {
    const writer = new Writer()
    writer.nullableRecords(Buffer.alloc(5000, 1))
    const outer = writer.beginTagged(0)
    writer.nullableRecords(Buffer.alloc(5000, 2))
    writer.endTagged(outer)
    const reader = new Reader(Buffer.concat(writer.finish()))
    expect(reader.nullableBytes()?.every(byte => byte === 1)).toBe(true)
    reader.tag(-1)
    const end = reader.taggedEnd()
    expect(reader.nullableBytes()?.every(byte => byte === 2)).toBe(true)
    reader.endTagged(end)
  })
})
