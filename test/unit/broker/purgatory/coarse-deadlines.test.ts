import { describe, expect, it } from 'vitest'
import { MemoryClock } from '../../../../packages/broker/src/memory/clock.ts'
import { Purgatory } from '../../../../packages/broker/src/purgatory/purgatory.ts'

const deadline = (expire: () => unknown) => ({ deadlineSlot: -1, expire: () => void expire() })

function given() {
  const clock = new MemoryClock({ now: 0 })
  return { clock, purgatory: new Purgatory(clock) }
}

describe('a coarse deadline', () => {
  it('expires up to half a second late, never early, and not when it was taken out', () => {
    const { clock, purgatory } = given()
    const expired: number[] = []
    clock.advance(130)
    const cancelled = deadline(() => expired.push(-1))
    purgatory.deadline(
      1000,
      deadline(() => expired.push(clock.monotonic())),
    )
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
      purgatory.deadline(
        30_000,
        deadline(() => undefined),
      )
    expect(clock.waitingCount).toBe(1)
  })

  it('lets one that expires take out another of the same moment', () => {
    const { clock, purgatory } = given()
    const expired: string[] = []
    const both = ['first', 'second'].map(name =>
      deadline(() => {
        expired.push(name)
        for (const other of both) slice?.delete(other)
      }),
    )
    const [slice] = both.map(one => purgatory.deadline(10, one))
    clock.advance(1000)
    expect(expired).toHaveLength(1)
  })

  it('takes out each one once, whatever the order', () => {
    const { clock, purgatory } = given()
    const expired: number[] = []
    const all = Array.from({ length: 10 }, (_, index) => deadline(() => expired.push(index)))
    const slices = all.map(one => purgatory.deadline(10, one))
    for (const index of [3, 0, 9, 3, 8]) slices[index]?.delete(all[index]!)
    clock.advance(1000)
    expect(expired.toSorted()).toEqual([1, 2, 4, 5, 6, 7])
  })
})
