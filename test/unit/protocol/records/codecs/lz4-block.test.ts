import { describe, expect, it } from 'vitest'
import {
  compressLz4Block,
  decompressLz4Block,
  lz4BlockOutputBytes,
  lz4HashTable,
} from '../../../../../packages/protocol/src/records/codecs/lz4-block.ts'

function roundTrip(bytes: Buffer): number {
  const target = Buffer.alloc(bytes.length + 300)
  const size = compressLz4Block(bytes, target, lz4HashTable())!
  const block = target.subarray(0, size)
  expect(lz4BlockOutputBytes(block)).toBe(bytes.length)
  const output = Buffer.alloc(bytes.length)
  expect(decompressLz4Block(block, output, 0, 0)).toBe(bytes.length)
  expect(output.equals(bytes)).toBe(true)
  return size
}

function bytesOf(length: number, at: (index: number) => number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => at(index)))
}

describe('the LZ4 block', () => {
  it('round trips every length around the limits of the format', () => {
    for (const period of [1, 2, 3, 4, 5, 7, 31, 33, 1000]) {
      for (let length = 1; length < 600; length++) {
        roundTrip(bytesOf(length, index => (index % period) * 37))
      }
    }
  })

  it('makes long runs short', () => {
    expect(roundTrip(Buffer.alloc(65_536, 9))).toBeLessThan(300)
  })

  it('gives up when the target is too small', () => {
    const bytes = bytesOf(1000, index => (index * index * 7919) >>> 5)
    expect(compressLz4Block(bytes, Buffer.alloc(900), lz4HashTable())).toBeUndefined()
  })

  it('finds no size for a malformed block', () => {
    for (const hex of [
      '',
      '10',
      'f0',
      'f0ff',
      '1061',
      '00',
      '0001',
      '000100',
      '0f0100ff',
      '40616263',
    ]) {
      const size = lz4BlockOutputBytes(Buffer.from(hex, 'hex'))
      // A block may well end in an empty run of literals; what may not be is an end after a match.
      if (hex === '00') expect(size).toBe(0)
      else if (hex === '1061') expect(size).toBe(1)
      else expect(size).toBeUndefined()
    }
  })
})
