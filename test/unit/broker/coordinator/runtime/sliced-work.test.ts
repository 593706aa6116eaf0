import { describe, expect, it } from 'vitest'
import { SlicedWork } from '../../../../../packages/broker/src/coordinator/runtime/sliced-work.ts'
import { TurnSlices } from '../../../../../packages/broker/src/coordinator/runtime/turn-slices.ts'
import { StallingClock } from '../../../../support/stalling-clock.ts'

function given() {
  const world = new StallingClock({ now: 0 })
  const done: string[] = []
  const work: SlicedWork<string> = new SlicedWork(
    new TurnSlices(world),
    event => void done.push(event),
  )
  /** Work whose every step takes a millisecond. */
  function* steps(count: number, event: string): Generator<void, string, void> {
    for (let step = 0; step < count; step++) {
      world.stall(1)
      yield
    }
    return event
  }
  return { world, done, work, steps }
}

describe('sliced work', () => {
  it('that is short is done within the call', () => {
    const { work, done, steps, world } = given()
    work.begin({ key: 'a', steps: steps(2, 'a') })
    expect([done, work.count, world.waitingCount]).toEqual([['a'], 0, 0])
  })

  it('that is long goes on in slices, and leaves the event loop free in between', () => {
    const { work, done, steps, world } = given()
    work.begin({ key: 'a', steps: steps(10, 'a') })
    expect([done, work.count]).toEqual([[], 1])
    let turns = 0
    while (done.length === 0) {
      const before = world.monotonic()
      world.advance(1)
      expect(world.monotonic() - before).toBeLessThanOrEqual(6)
      turns++
    }
    expect(turns).toBeGreaterThan(1)
    expect([work.count, world.waitingCount]).toEqual([0, 0])
  })

  it('that is to begin later leaves the first turn to others', () => {
    const { work, done, steps, world } = given()
    work.begin({ key: 'a', begins: 'later', steps: steps(0, 'a') })
    expect([done, work.count]).toEqual([[], 1])
    world.advance(1)
    expect([done, work.count, world.waitingCount]).toEqual([['a'], 0, 0])
  })

  it('takes turns', () => {
    const { work, done, steps, world } = given()
    work.begin({ key: 'long', steps: steps(40, 'long') })
    work.begin({ key: 'short', steps: steps(8, 'short') })
    world.advance(100)
    expect(done).toEqual(['short', 'long'])
  })

  it('gives way to later work under its key', () => {
    const { work, done, steps, world } = given()
    work.begin({ key: 'a', steps: steps(10, 'old') })
    work.begin({ key: 'a', steps: steps(10, 'new') })
    expect(work.count).toBe(1)
    world.advance(100)
    expect(done).toEqual(['new'])
  })

  it('is dropped when nobody wants it any more', () => {
    const { work, done, steps, world } = given()
    work.begin({ key: 'a', steps: steps(10, 'a') })
    work.clear()
    expect(world.waitingCount).toBe(0)
    world.advance(100)
    expect(done).toEqual([])
  })
})
