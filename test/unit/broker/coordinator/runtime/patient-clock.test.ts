import { describe, expect, it } from 'vitest'
import {
  PatientClock,
  type PatientWatcher,
} from '../../../../../packages/broker/src/coordinator/runtime/patient-clock.ts'
import { StallingClock } from '../../../../support/stalling-clock.ts'

function given(hasNear = true) {
  const world = new StallingClock({ now: 0 })
  const clock = new PatientClock(world)
  const ticks: number[] = []
  const watcher: PatientWatcher & { hasNear: boolean } = {
    hasNear,
    tick: nowMs => void ticks.push(nowMs),
  }
  return { world, clock, ticks, watcher }
}

describe('the patient clock', () => {
  it('goes with time as long as somebody watches', () => {
    const { world, clock, ticks, watcher } = given()
    clock.watch(watcher)
    world.advance(1_050)
    expect(clock.nowMs).toBe(1_050)
    expect(ticks).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000])
  })

  it('stands still and sets no timer while nobody watches', () => {
    const { world, clock, watcher } = given()
    world.advance(5_000)
    expect([clock.nowMs, world.waitingCount]).toEqual([0, 0])
    clock.watch(watcher)
    world.advance(150)
    clock.unwatch(watcher)
    expect(world.waitingCount).toBe(0)
    world.advance(60_000)
    expect(clock.nowMs).toBe(150)
  })

  it('does not count a stall, however long, and goes on behind it', () => {
    const { world, clock, watcher } = given()
    clock.watch(watcher)
    world.advance(250)
    world.stall(3_600_000)
    expect(clock.nowMs).toBe(300)
    world.advance(50)
    expect(clock.nowMs).toBe(300)
    world.advance(1_000)
    expect(clock.nowMs).toBe(1_300)
  })

  it('counts ticks that are a little late in full', () => {
    const { world, clock, watcher } = given()
    clock.watch(watcher)
    world.advance(99)
    world.stall(20)
    world.advance(1)
    expect(clock.nowMs).toBe(120)
  })

  it('goes on even when every tick is late', () => {
    const { world, clock, ticks, watcher } = given()
    clock.watch(watcher)
    for (let count = 0; count < 10; count++) {
      world.stall(500)
      world.advance(100)
    }
    expect(ticks).toHaveLength(10)
    expect(clock.nowMs).toBe(1_000)
  })

  it('tells its watchers at the end of the turn, when the sockets were read', () => {
    const { world, clock, ticks, watcher } = given()
    clock.watch(watcher)
    const endTurn = world.turn.bind(world)
    world.turn = () => undefined
    world.advance(100)
    expect(ticks).toEqual([])
    endTurn()
    expect(ticks).toEqual([100])
  })

  it('ticks seldom while all deadlines are far, and at once often when one is near', () => {
    const { world, clock, ticks, watcher } = given(false)
    clock.watch(watcher)
    world.advance(9_999)
    expect(ticks).toEqual([])
    world.advance(1)
    expect(ticks).toEqual([10_000])
    world.advance(4_000)
    watcher.hasNear = true
    clock.watch(watcher)
    world.advance(100)
    expect(ticks).toEqual([10_000, 14_100])
  })

  it('forgets a watcher that left while others were told', () => {
    const { world, clock, ticks, watcher } = given()
    clock.watch({ hasNear: true, tick: () => clock.unwatch(watcher) })
    clock.watch(watcher)
    world.advance(100)
    expect(ticks).toEqual([])
  })
})
