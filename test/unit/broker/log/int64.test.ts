import { describe, expect, it } from 'vitest'
import { readInt64, writeInt64 } from '../../../../packages/broker/src/log/int64.ts'

const { MAX_SAFE_INTEGER: MAX, MIN_SAFE_INTEGER: MIN } = Number

describe('an int64', () => {
  it.each([
    [0, '0000000000000000'],
    [1, '0000000000000001'],
    [-1, 'ffffffffffffffff'],
    [2 ** 32 - 1, '00000000ffffffff'],
    [2 ** 32, '0000000100000000'],
    [-(2 ** 32), 'ffffffff00000000'],
    [1_700_000_000_000, '0000018bcfe56800'],
    [MAX, '001fffffffffffff'],
    [MIN, 'ffe0000000000001'],
  ])('%i is the bytes %s', (value, hex) => {
    const bytes = Buffer.alloc(10, 7)
    writeInt64(bytes, 1, value)
    expect(bytes.toString('hex')).toBe(`07${hex}07`)
    expect(readInt64(bytes, 1)).toBe(value)
  })

  it.each([
    ['0020000000000000', MAX],
    ['7fffffffffffffff', MAX],
    ['ffe0000000000000', MIN],
    ['ffdfffffffffffff', MIN],
    ['8000000000000000', MIN],
  ])('%s, which no number holds, saturates', (hex, value) => {
    expect(readInt64(Buffer.from(hex, 'hex'), 0)).toBe(value)
  })
})
