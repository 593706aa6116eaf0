import { Buffer } from 'node:buffer'
import { INT64_MAX, Reader, WireError, Writer, ZERO_UUID } from '@varve/protocol'
import { describe, expect, it } from 'vitest'

const reading = (hex: string): Reader => new Reader(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

describe('Reader', () => {
  it('reads a stretch of bytes and nothing beyond it', () => {
    const reader = new Reader(Buffer.from([9, 0, 1, 0, 2, 9]), 1, 5)
    expect([reader.int16(), reader.int16()]).toEqual([1, 2])
    expect(reader.position).toBe(5)
    expect(() => reader.int8()).toThrow(WireError)
  })

  it('reads a view that does not begin where its ArrayBuffer begins', () => {
    const whole = new Uint8Array([1, 2, 3, 4, 5, 6])
    const reader = new Reader(whole.subarray(2, 4))
    expect(reader.uint16()).toBe(0x0304)
    expect(reader.remaining).toBe(0)
  })

  it('can be pointed at other bytes', () => {
    const reader = reading('0001')
    reader.reset(Buffer.from('000000ff', 'hex'), 2)
    expect(reader.uint16()).toBe(0xff)
    expect(() => reader.reset(Buffer.alloc(4), 3, 5)).toThrow(RangeError)
  })

  it('reads every int64 that a number holds, and refuses the others', () => {
    expect(reading('001fffffffffffff').int64()).toBe(Number.MAX_SAFE_INTEGER)
    expect(reading('ffe0000000000001').int64()).toBe(Number.MIN_SAFE_INTEGER)
    expect(reading('ffffffffffffffff').int64()).toBe(-1)
    expect(() => reading('0020000000000000').int64()).toThrow(WireError)
    expect(() => reading('ffe0000000000000').int64()).toThrow(WireError)
    expect(() => reading('7fffffffffffffff').int64()).toThrow(WireError)
    expect(() => reading('8000000000000000').int64()).toThrow(WireError)
  })

  it('reads an int64 of which every bit counts', () => {
    expect(reading('8000000000000001').int64Bits()).toBe('8000000000000001')
    expect(reading('7fffffffffffffff').int64Bits()).toBe('7fffffffffffffff')
    expect(() => reading('7fffffff').int64Bits()).toThrow(WireError)
  })

  it('reads the largest int64 as a marker where it means no limit', () => {
    expect(reading('7fffffffffffffff').int64OrMax()).toBe(INT64_MAX)
    expect(reading('ffffffffffffffff').int64OrMax()).toBe(-1)
    expect(() => reading('7ffffffffffffffe').int64OrMax()).toThrow(WireError)
    expect(() => reading('7fffffff').int64OrMax()).toThrow(WireError)
  })

  it('reads varints of up to 32 bits in up to five bytes', () => {
    expect(reading('7f').unsignedVarint()).toBe(127)
    expect(reading('8001').unsignedVarint()).toBe(128)
    expect(reading('ffffffff0f').unsignedVarint()).toBe(0xffff_ffff)
    expect(() => reading('ffffffff10').unsignedVarint()).toThrow(WireError)
    expect(() => reading('808080808000').unsignedVarint()).toThrow(WireError)
    expect(() => reading('80').unsignedVarint()).toThrow(WireError)
  })

  it('refuses a null where none is allowed', () => {
    expect(() => reading('ffff').string()).toThrow(WireError)
    expect(() => reading('00').compactString()).toThrow(WireError)
    expect(() => reading('ffffffff').bytes()).toThrow(WireError)
    expect(() => reading('00').compactBytes()).toThrow(WireError)
    expect(() => reading('ffffffff').arrayLength(1)).toThrow(WireError)
    expect(() => reading('00').compactArrayLength(1)).toThrow(WireError)
  })

  it('reads a null where it is allowed, and no other negative length', () => {
    expect(reading('ffff').nullableString()).toBeNull()
    expect(reading('00').compactNullableString()).toBeNull()
    expect(reading('ffffffff').nullableBytes()).toBeNull()
    expect(reading('ffffffff').nullableArrayLength(1)).toBe(-1)
    expect(() => reading('fffe').nullableString()).toThrow(WireError)
    expect(() => reading('fffffffe').nullableBytes()).toThrow(WireError)
    expect(() => reading('80000000').nullableArrayLength(1)).toThrow(WireError)
  })

  it('refuses lengths beyond the bytes at hand', () => {
    expect(() => reading('0003 6162').string()).toThrow(WireError)
    expect(() => reading('7fff 6162').nullableString()).toThrow(WireError)
    expect(() => reading('7fffffff 00').bytes()).toThrow(WireError)
    expect(() => reading('ffffffff0f 00').compactNullableBytes()).toThrow(WireError)
  })

  it('refuses an array whose elements cannot all fit', () => {
    expect(reading('00000002 00000000').arrayLength(2)).toBe(2)
    expect(() => reading('00000002 000000').arrayLength(2)).toThrow(WireError)
    expect(() => reading('7fffffff 00').arrayLength(1)).toThrow(WireError)
    expect(() => reading('7fffffff 00').arrayLength(0)).toThrow(WireError)
  })

  it('limits how many array elements a message may hold in all', () => {
    const reader = new Reader(Buffer.alloc(2_000_000))
    const half = Buffer.from('0007a120', 'hex')
    const frame = Buffer.concat([half, half, Buffer.from('00000001', 'hex'), Buffer.alloc(600_000)])
    reader.reset(frame)
    reader.arrayLength(1)
    reader.arrayLength(1)
    expect(() => reader.arrayLength(1)).toThrow(WireError)
    reader.reset(frame)
    reader.allowAnyCount()
    expect([1, 2, 3].map(() => reader.arrayLength(1))).toEqual([500_000, 500_000, 1])
  })

  it('reads text of every length, and replaces malformed UTF-8', () => {
    for (const text of [
      '',
      'a',
      'topic',
      'é',
      'twelve chars',
      'more than twelve characters',
      '日本',
    ]) {
      const writer = new Writer()
      writer.string(text)
      writer.compactString(text)
      const reader = new Reader(Buffer.concat(writer.finish()))
      expect([reader.string(), reader.compactString()]).toEqual([text, text])
    }
    expect(reading('0002 61ff').string()).toBe('a\ufffd')
  })

  it('reads uuids as base64url', () => {
    expect(reading('00'.repeat(16)).uuid()).toBe(ZERO_UUID)
    expect(reading('2030f79a5de9b5dcbe173582ad73e0bc').uuid()).toBe('IDD3ml3ptdy-FzWCrXPgvA')
  })

  it('gives bytes as a view of the frame', () => {
    const frame = Buffer.from('000000020102', 'hex')
    const bytes = new Reader(frame).bytes()
    frame[4] = 7
    expect([...bytes]).toEqual([7, 2])
  })

  it('passes over unknown tagged fields that ascend', () => {
    const reader = reading('02 00 01 ff 05 02 ffff 2a')
    reader.skipTaggedFields()
    expect(reader.int8()).toBe(42)
  })

  it('refuses tagged fields that descend, repeat or are longer than the bytes', () => {
    expect(() => reading('02 05 00 04 00').skipTaggedFields()).toThrow(WireError)
    expect(() => reading('02 05 00 05 00').skipTaggedFields()).toThrow(WireError)
    expect(() => reading('01 05 09 00').skipTaggedFields()).toThrow(WireError)
    expect(() => reading('ffffffff0f').skipTaggedFields()).toThrow(WireError)
  })
})
