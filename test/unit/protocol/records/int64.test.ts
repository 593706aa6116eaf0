import { describe, expect, it } from 'vitest'
import {
  readInt64,
  readInt64BE,
  saturate,
  writeInt64,
  writeInt64BE,
} from '../../../../packages/protocol/src/records/int64.ts'

const bytes = Buffer.alloc(10, 7)
const view = new DataView(bytes.buffer, bytes.byteOffset + 1, 8)

describe('int64 as a number', () => {
  it('reads what it wrote, as the engine reads it too', () => {
    for (const power of [0, 1, 31, 32, 33, 40, 52]) {
      for (const near of [-1, 0, 1]) {
        for (const value of [2 ** power + near, -(2 ** power) + near]) {
          writeInt64(view, 0, value)
          expect(view.getBigInt64(0)).toBe(BigInt(value))
          expect(readInt64(view, 0)).toBe(value)
          expect(readInt64BE(bytes, 1)).toBe(value)
          bytes.fill(7)
          writeInt64BE(bytes, 1, value)
          expect(view.getBigInt64(0)).toBe(BigInt(value))
          expect([bytes[0], bytes[9]]).toEqual([7, 7])
        }
      }
    }
  })

  it('saturates what no number holds exactly', () => {
    const cases: readonly (readonly [bigint, number])[] = [
      [2n ** 53n - 1n, Number.MAX_SAFE_INTEGER],
      [2n ** 53n, Number.MAX_SAFE_INTEGER],
      [2n ** 63n - 1n, Number.MAX_SAFE_INTEGER],
      [-(2n ** 53n) + 1n, Number.MIN_SAFE_INTEGER],
      [-(2n ** 53n), Number.MIN_SAFE_INTEGER],
      [-(2n ** 63n), Number.MIN_SAFE_INTEGER],
    ]
    for (const [value, expected] of cases) {
      view.setBigInt64(0, value)
      expect(readInt64(view, 0)).toBe(expected)
      expect(readInt64BE(bytes, 1)).toBe(expected)
    }
  })

  it('brings a sum back into range', () => {
    expect(saturate(Number.MAX_SAFE_INTEGER + 500)).toBe(Number.MAX_SAFE_INTEGER)
    expect(saturate(Number.MIN_SAFE_INTEGER - 500)).toBe(Number.MIN_SAFE_INTEGER)
    expect(saturate(-7)).toBe(-7)
  })
})
