import { describe, expect, it } from 'vitest'
import { Deadlines } from '../../../../../packages/broker/src/coordinator/runtime/deadlines.ts'
import { PatientClock } from '../../../../../packages/broker/src/coordinator/runtime/patient-clock.ts'
import { TurnSlices } from '../../../../../packages/broker/src/coordinator/runtime/turn-slices.ts'
import { memoryRandom } from '../../../../../packages/broker/src/memory/random.ts'
import { StallingClock } from '../../../../support/stalling-clock.ts'

function given(onFire: (event: string, deadlines: Deadlines<string>) => void = () => undefined) {
  const world = new StallingClock({ now: 0 })
  const clock = new PatientClock(world)
  const fired: [string, number][] = []
  const deadlines: Deadlines<string> = new Deadlines(new TurnSlices(world), clock, event => {
    fired.push([event, world.monotonic()])
    onFire(event, deadlines)
  })
  return { world, clock, deadlines, fired, names: () => fired.map(([event]) => event) }
}

describe('the deadlines of a shard', () => {
  it('fire once, never early, in their order, and at most two ticks late', () => {
    const { world, deadlines, fired } = given()
    deadlines.set('b', 350, 'second')
    deadlines.set('a', 300, 'first')
    deadlines.set('c', 40, 'early')
    world.advance(299)
    expect(fired).toEqual([['early', 100]])
    world.advance(10_000)
    expect(fired.map(([event]) => event)).toEqual(['early', 'first', 'second'])
    for (const [, atMs] of fired.slice(1)) expect(atMs).toBeLessThanOrEqual(550)
  })

  it('need no timer of the world when there are none, or none any more', () => {
    const { world, deadlines } = given()
    expect(world.waitingCount).toBe(0)
    deadlines.set('a', 1_000, 'a')
    deadlines.set('b', 1_000, 'b')
    expect(world.waitingCount).toBe(1)
    deadlines.cancel('a')
    deadlines.cancel('b')
    expect(world.waitingCount).toBe(0)
    deadlines.set('a', 1_000, 'a')
    world.advance(2_000)
    expect([world.waitingCount, deadlines.size]).toEqual([0, 0])
    deadlines.set('a', 1_000_000, 'a')
    deadlines.clear()
    expect(world.waitingCount).toBe(0)
  })

  it('move when they are set again, later and earlier', () => {
    const { world, clock, deadlines, fired } = given()
    deadlines.set('session', 1_000, 'old')
    for (let count = 0; count < 50; count++) {
      world.advance(500)
      deadlines.set('session', clock.nowMs + 1_000, 'new')
    }
    expect(fired).toEqual([])
    deadlines.set('session', clock.nowMs + 100, 'sooner')
    world.advance(250)
    expect(fired.map(([event]) => event)).toEqual(['sooner'])
    world.advance(60_000)
    expect(fired).toHaveLength(1)
  })

  it('far away are as exact as near ones', () => {
    const { world, deadlines, fired } = given()
    deadlines.set('week', 604_800_000, 'week')
    deadlines.set('hour', 3_600_000, 'hour')
    world.advance(3_599_999)
    expect(fired).toEqual([])
    world.advance(250)
    expect(fired.map(([event]) => event)).toEqual(['hour'])
    world.advance(604_800_000 - 3_600_250)
    expect(fired.map(([event]) => event)).toEqual(['hour'])
    world.advance(250)
    expect(fired.map(([event]) => event)).toEqual(['hour', 'week'])
  })

  it('are moved by a stall, by its length', () => {
    const { world, deadlines, fired } = given()
    deadlines.set('session', 6_000, 'expired')
    world.advance(3_000)
    world.stall(45_000)
    world.advance(2_900)
    expect(fired).toEqual([])
    world.advance(400)
    expect(fired).toHaveLength(1)
  })

  it('see what an event before them has done: cancelled ones do not fire, moved ones later', () => {
    const { world, deadlines, names } = given((event, all) => {
      if (event !== 'first') return
      all.cancel('gone')
      all.set('moved', 5_000, 'moved')
      all.set('added', 90, 'added')
    })
    deadlines.set('first', 50, 'first')
    deadlines.set('gone', 60, 'gone')
    deadlines.set('moved', 60, 'too soon')
    deadlines.set('last', 70, 'last')
    world.advance(100)
    expect(names()).toEqual(['first', 'last'])
    world.advance(10_000)
    expect(names()).toEqual(['first', 'last', 'added', 'moved'])
  })

  it('end when an event clears them', () => {
    const { world, deadlines, names } = given((_, all) => all.clear())
    deadlines.set('a', 50, 'a')
    deadlines.set('b', 60, 'b')
    world.advance(1_000)
    expect(names()).toEqual(['a'])
    expect(world.waitingCount).toBe(0)
  })

  it('that are due together leave the event loop free in between', () => {
    const { world, deadlines, fired } = given(() => world.stall(3))
    for (let index = 0; index < 10; index++) deadlines.set(`${index}`, 50, `${index}`)
    world.advance(100)
    expect(fired).toHaveLength(2)
    deadlines.cancel('5')
    world.advance(10)
    expect(fired.map(([event]) => event)).toEqual(['0', '1', '2', '3', '4', '6', '7', '8', '9'])
    world.advance(1_000)
    expect(world.waitingCount).toBe(0)
  })

  it('are those of a plain list, whatever is done to them', () => {
    const random = memoryRandom(3)
    const { world, clock, deadlines, fired } = given()
    const model = new Map<string, number>()
    for (let step = 0; step < 3_000; step++) {
      const key = `${random.below(20)}`
      const kind = random.below(4)
      if (kind === 0) {
        deadlines.cancel(key)
        model.delete(key)
      } else if (kind < 3) {
        const atMs = clock.nowMs + random.below(random.below(2) === 0 ? 1_000 : 200_000)
        deadlines.set(key, atMs, key)
        model.set(key, atMs)
      } else world.advance(random.below(5_000))
      for (const [event] of fired.splice(0)) {
        expect(model.get(event)).toBeLessThanOrEqual(clock.nowMs)
        model.delete(event)
      }
      for (const atMs of model.values()) expect(atMs).toBeGreaterThan(clock.nowMs - 250)
      expect(deadlines.size).toBe(model.size)
    }
  })
})
