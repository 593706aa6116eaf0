import { describe, expect, it } from 'vitest'
import {
  varintBytes,
  varlongBytes,
  writeVarint,
  writeVarlong,
} from '../../../../packages/protocol/src/records/record-varint.ts'
import { golden } from '../../../support/record-vectors.ts'

function written(write: typeof writeVarint, value: number): string {
  const bytes = Buffer.alloc(12)
  return bytes.toString('hex', 0, write(bytes, 1, value)).slice(2)
}

describe('writeVarint', () => {
  it('writes the known bytes and knows their number before', () => {
    for (const { value, hex } of golden.varints.varint32) {
      expect(written(writeVarint, value)).toBe(hex)
      expect(varintBytes(value)).toBe(hex.length / 2)
    }
  })
})

describe('writeVarlong', () => {
  it('writes the known bytes of safe integers and knows their number before', () => {
    const safe = golden.varints.varint64.filter(({ value }) => Number.isSafeInteger(Number(value)))
    expect(safe.length).toBeGreaterThan(3)
    for (const { value, hex } of [...safe, ...golden.varints.varint32]) {
      expect(written(writeVarlong, Number(value))).toBe(hex)
      expect(varlongBytes(Number(value))).toBe(hex.length / 2)
    }
  })

  it('writes the largest safe integers', () => {
    expect(written(writeVarlong, Number.MAX_SAFE_INTEGER)).toBe('feffffffffffff1f')
    expect(written(writeVarlong, Number.MIN_SAFE_INTEGER)).toBe('fdffffffffffff1f')
    expect(varlongBytes(Number.MIN_SAFE_INTEGER)).toBe(8)
  })
})
