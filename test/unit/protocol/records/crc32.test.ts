import { describe, expect, it } from 'vitest'
import { crc32 } from '../../../../packages/protocol/src/records/crc32.ts'

describe('crc32', () => {
  it('gives the check value of CRC-32, unsigned', () => {
    expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926)
    expect(crc32(Buffer.alloc(0))).toBe(0)
  })
})
