import { describe, expect, it } from 'vitest'
import { RetryDelays } from '../../../../../packages/broker/src/coordinator/runtime/retry-delays.ts'

describe('the delays before something is tried again', () => {
  it('double up to a minute, for each thing on its own', () => {
    const delays = new RetryDelays()
    const [one, other] = [{}, {}]
    const ofOne = Array.from({ length: 9 }, () => delays.next(one))
    expect(ofOne).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map(seconds => seconds * 1_000))
    expect(delays.next(other)).toBe(1_000)
  })
})
