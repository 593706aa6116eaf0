import { describe, expect, it } from 'vitest'
import { MemoryClock } from '../../../../packages/broker/src/memory/clock.ts'
import { Purgatory } from '../../../../packages/broker/src/purgatory/purgatory.ts'

function given() {
  const clock = new MemoryClock({ now: 0 })
  return { clock, purgatory: new Purgatory(clock) }
}

describe('a coarse deadline', () => {
  it('expires up to half a second late, never early, and not when it was taken out', () => {
    const { clock, purgatory } = given()
    const expired: number[] = []
    clock.advance(130)
    const cancelled = { expire: () => expired.push(-1) }
    purgatory.deadline(1000, { expire: () => expired.push(clock.monotonic()) })
    purgatory.deadline(1000, cancelled).delete(cancelled)
    clock.advance(1000)
    expect(expired).toEqual([])
    clock.advance(500)
    expect(expired).toHaveLength(1)
    expect(expired[0]).toBeGreaterThanOrEqual(1130)
    expect(expired[0]).toBeLessThanOrEqual(1630)
  })

  it('costs one timer for all deadlines of half a second', () => {
    const { clock, purgatory } = given()
    for (let index = 0; index < 1000; index++)
      purgatory.deadline(30_000, { expire: () => undefined })
    expect(clock.waitingCount).toBe(1)
  })

  it('lets one that expires take out another of the same moment', () => {
    const { clock, purgatory } = given()
    const expired: string[] = []
    const second = { expire: () => expired.push('second') }
    const slice = purgatory.deadline(10, {
      expire: () => {
        expired.push('first')
        slice.delete(second)
      },
    })
    purgatory.deadline(10, second)
    clock.advance(1000)
    expect(expired).toEqual(['first'])
  })
})
