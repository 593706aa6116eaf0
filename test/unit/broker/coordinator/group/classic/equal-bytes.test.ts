import { describe, expect, it } from 'vitest'
import { equalBytes } from '../../../../../../packages/broker/src/coordinator/group/classic/equal-bytes.ts'

describe('bytes', () => {
  it('are equal by what they are, not by where they lie', () => {
    const bytes = new Uint8Array([1, 2, 1, 2])
    expect(equalBytes(bytes.subarray(0, 2), bytes.subarray(2))).toBe(true)
    expect(equalBytes(bytes.subarray(0, 2), bytes.subarray(1, 3))).toBe(false)
    expect(equalBytes(bytes.subarray(0, 2), bytes.subarray(0, 3))).toBe(false)
  })
})
