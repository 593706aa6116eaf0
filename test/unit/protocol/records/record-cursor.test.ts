import { describe, expect, it } from 'vitest'
import { CorruptRecordsError } from '../../../../packages/protocol/src/records/corrupt-records-error.ts'
import { RecordCursor } from '../../../../packages/protocol/src/records/record-cursor.ts'
import { golden } from '../../../support/record-vectors.ts'

const cursorOver = (hex: string) => new RecordCursor(Buffer.from(hex, 'hex'), 0, hex.length / 2)

describe('RecordCursor', () => {
  it('reads the known varints to their last byte', () => {
    for (const { value, hex } of golden.varints.varint32) {
      const cursor = cursorOver(hex)
      expect(cursor.readVarint()).toBe(value)
      expect(cursor.position).toBe(hex.length / 2)
    }
  })

  it('reads the known varlongs, saturated', () => {
    for (const { value, hex } of golden.varints.varint64) {
      const exact = Number(value)
      const expected = Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, exact))
      const cursor = cursorOver(hex)
      expect(cursor.readVarlong()).toBe(expected)
      expect(cursor.position).toBe(hex.length / 2)
    }
    expect(cursorOver('feffffffffffff1f').readVarlong()).toBe(Number.MAX_SAFE_INTEGER)
    expect(cursorOver('fdffffffffffff1f').readVarlong()).toBe(Number.MIN_SAFE_INTEGER)
  })

  it('refuses varints that are cut off or too long', () => {
    for (const hex of ['', '80', 'ffffffff', 'ffffffffff', '808080808001']) {
      expect(() => cursorOver(hex).readVarint()).toThrow(CorruptRecordsError)
    }
    for (const hex of [
      '',
      '80',
      'ffffffffffffffffff',
      'ffffffffffffffffffff',
      '8080808080808080808001',
    ]) {
      expect(() => cursorOver(hex).readVarlong()).toThrow(CorruptRecordsError)
    }
  })

  it('does not go beyond its end, though the bytes do', () => {
    const cursor = new RecordCursor(Buffer.from('0102030405', 'hex'), 1, 3)
    expect(() => cursor.skip(3)).toThrow(CorruptRecordsError)
    expect(cursor.skip(2)).toBe(1)
    expect(() => cursor.readByte()).toThrow(CorruptRecordsError)
    expect(() => cursor.readVarint()).toThrow(CorruptRecordsError)
  })
})
