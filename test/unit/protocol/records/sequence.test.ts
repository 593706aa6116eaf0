import { describe, expect, it } from 'vitest'
import { addToSequence } from '../../../../packages/protocol/src/records/sequence.ts'

describe('addToSequence', () => {
  it('goes on with 0 after 2147483647', () => {
    expect(addToSequence(5, 3)).toBe(8)
    expect(addToSequence(2147483646, 1)).toBe(2147483647)
    expect(addToSequence(2147483646, 2)).toBe(0)
    expect(addToSequence(2147483647, 1)).toBe(0)
    expect(addToSequence(2147483647, 10)).toBe(9)
  })
})
