import { describe, expect, it } from 'vitest'
import {
  type SlicedJob,
  TurnSlices,
} from '../../../../../packages/broker/src/coordinator/runtime/turn-slices.ts'
import { StallingClock } from '../../../../support/stalling-clock.ts'

function given() {
  const world = new StallingClock({ now: 0 })
  const slices = new TurnSlices(world)
  const done: string[] = []
  /** A job of so many pieces of a millisecond each. */
  const job = (name: string, pieces: number): SlicedJob => {
    let left = pieces
    return {
      goOn: isOver => {
        do {
          world.stall(1)
          left--
        } while (left > 0 && !isOver())
        if (left > 0) return true
        done.push(name)
        return false
      },
    }
  }
  /** How long the loop was held by what runs within. */
  const held = (run: () => void): number => {
    const began = world.monotonic()
    run()
    return world.monotonic() - began
  }
  return { world, slices, done, job, held }
}

describe('the slices of a turn', () => {
  it('let what is short be done within the call', () => {
    const { slices, world, done, job } = given()
    slices.atOnce(job('a', 3))
    expect([done, slices.waitingCount]).toEqual([['a'], 0])
    world.turn()
    expect(world.waitingCount).toBe(0)
  })

  it('are one allowance for all, and a piece for each who comes when it is used up', () => {
    const { slices, held, job } = given()
    const jobs = Array.from({ length: 50 }, (_, index) => job(`${index}`, 100))
    const heldMs = held(() => {
      for (const each of jobs) slices.atOnce(each)
    })
    // Not 50 slices of 4 ms.
    expect(heldMs).toBe(4 + 49)
    expect(slices.waitingCount).toBe(50)
  })

  it('hold no later turn longer than the allowance, however many wait', () => {
    const { slices, world, done, held, job } = given()
    for (let index = 0; index < 50; index++) slices.later(job(`${index}`, 8))
    let turns = 0
    while (done.length < 50) {
      expect(held(() => world.advance(1))).toBeLessThanOrEqual(1 + 4)
      turns++
    }
    expect(turns).toBe((50 * 8) / 4)
    expect([slices.waitingCount, world.waitingCount]).toEqual([0, 0])
  })

  it('go to one after the other', () => {
    const { slices, world, done, job } = given()
    slices.later(job('long', 40))
    slices.later(job('short', 8))
    slices.later(job('shorter', 2))
    world.advance(200)
    expect(done).toEqual(['shorter', 'short', 'long'])
  })

  it('are whole again in the next turn', () => {
    const { slices, world, held, job } = given()
    expect(held(() => slices.atOnce(job('a', 100)))).toBe(4)
    expect(held(() => slices.atOnce(job('b', 100)))).toBe(1)
    world.turn()
    expect(held(() => slices.atOnce(job('c', 100)))).toBe(4)
  })

  it('have what a job begins at once within its own slice', () => {
    const { slices, world, done, held, job } = given()
    const outer: SlicedJob = {
      goOn: () => {
        world.stall(2)
        slices.atOnce(job('inner', 100))
        return false
      },
    }
    expect(held(() => slices.atOnce(outer))).toBe(4)
    expect([done, slices.waitingCount]).toEqual([[], 1])
  })

  it('are not spent on a job that was dropped', () => {
    const { slices, world, done, job } = given()
    const dropped = job('a', 100)
    slices.atOnce(dropped)
    slices.drop(dropped)
    expect([slices.waitingCount, world.waitingCount]).toEqual([0, 0])
    world.advance(1_000)
    expect(done).toEqual([])
  })

  it('go on with the others when a job throws', () => {
    const { slices, world, done, job } = given()
    slices.later({
      goOn: () => {
        throw new Error('a bug')
      },
    })
    slices.later(job('a', 2))
    expect(() => world.advance(1)).toThrow('a bug')
    world.advance(10)
    expect(done).toEqual(['a'])
  })
})
