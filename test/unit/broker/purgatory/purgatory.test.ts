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
