import { describe, expect, it } from 'vitest'
import { MemoryClock } from '../../../../packages/broker/src/memory/clock.ts'
import { Purgatory } from '../../../../packages/broker/src/purgatory/purgatory.ts'

function given() {
  const clock = new MemoryClock({ now: 0 })
  const purgatory = new Purgatory(clock)
  const done: number[] = []
  const park = (missingBytes: number, maxWaitMs: number) =>
    purgatory.park({ missingBytes, maxWaitMs, done: () => done.push(clock.monotonic()) })
  return { clock, purgatory, done, park }
}

describe('a parked fetch', () => {
  it('ends when the bytes that were added reach what was missing, at the end of that turn', () => {
    const { clock, purgatory, done, park } = given()
    const parked = park(100, 500)
    parked.add(60)
    clock.turn()
    expect(done).toEqual([])
    parked.add(40)
    expect(done).toEqual([])
    clock.turn()
    expect(done).toEqual([0])
    expect(purgatory.parkedCount).toBe(0)
  })

  it('ends at its deadline, once', () => {
    const { clock, done, park } = given()
    const parked = park(100, 500)
    clock.advance(499)
    expect(done).toEqual([])
    clock.advance(1000)
    parked.add(1000)
    clock.turn()
    expect(done).toEqual([500])
    expect(clock.waitingCount).toBe(0)
  })

  it('ends at once when it is superseded, even between the last byte and the end of the turn', () => {
    const { clock, done, park } = given()
    const parked = park(1, 500)
    parked.add(1)
    parked.endNow()
    expect(done).toEqual([0])
    clock.turn()
    expect(done).toEqual([0])
  })

  it('is forgotten without an answer when its connection ends', () => {
    const { clock, purgatory, done, park } = given()
    park(1, 500).drop()
    clock.advance(1000)
    expect(done).toEqual([])
    expect(purgatory.parkedCount).toBe(0)
  })

  it('ends with all others when the metadata changes', () => {
    const { clock, purgatory, done, park } = given()
    park(1, 500)
    park(1, 500)
    purgatory.wakeAll()
    clock.turn()
    expect(done).toEqual([0, 0])
  })
})

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
