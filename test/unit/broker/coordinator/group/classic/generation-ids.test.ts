import { describe, expect, it } from 'vitest'
import {
  GENERATIONS_AHEAD,
  largestGivenOut,
  nextGenerationId,
} from '../../../../../../packages/broker/src/coordinator/group/classic/generation-ids.ts'

describe('generation ids', () => {
  it('grow by one, and begin again before they would not fit into 32 bits', () => {
    expect(nextGenerationId(0)).toBe(1)
    expect(nextGenerationId(41)).toBe(42)
    let largest = 0x7fff_ffff - GENERATIONS_AHEAD
    largest = nextGenerationId(largest - 1)
    expect(largestGivenOut(largest)).toBe(0x7fff_ffff)
    expect(nextGenerationId(largest)).toBe(1)
  })
})
