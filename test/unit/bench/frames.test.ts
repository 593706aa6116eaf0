import { describe, expect, it } from 'vitest'
import { aimFetch, fetchFrame, recordsInBatch } from '../../bench/frames.ts'

describe('aimFetch', () => {
  it('changes the partition and the offset of a request that was made, and nothing else', () => {
    const waiting = { partition: 0, minBytes: 1, maxWaitMs: 5 }
    const frame = fetchFrame('a-topic', 0, 1_000, waiting)
    aimFetch(frame, 7, 2 ** 40 + 3)
    expect(frame).toEqual(fetchFrame('a-topic', 2 ** 40 + 3, 1_000, { ...waiting, partition: 7 }))
  })
})

describe('recordsInBatch', () => {
  it('is one where no second record fits', () => {
    expect(recordsInBatch(100, 0)).toBe(1)
    expect(recordsInBatch(100, 16_384)).toBeGreaterThan(100)
  })
})
