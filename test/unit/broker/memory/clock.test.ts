import { describe, expect, it } from 'vitest'
import { MemoryClock } from '../../../../packages/broker/src/memory/clock.ts'

describe('a clock that stands still', () => {
  it('fires timers at their own moments while it advances', () => {
    const clock = new MemoryClock({ now: 1000 })
    const fired: [string, number][] = []
    clock.after(20, () => fired.push(['b', clock.now()]))
    clock.after(10, () => {
      fired.push(['a', clock.now()])
      clock.after(5, () => fired.push(['nested', clock.now()]))
    })
    clock.advance(30)
    expect(fired).toEqual([
      ['a', 1010],
      ['nested', 1015],
      ['b', 1020],
    ])
    expect(clock.monotonic()).toBe(30)
    expect(clock.waitingCount).toBe(0)
  })

  it('keeps durations apart from the wall clock', () => {
    const clock = new MemoryClock({ now: 1000 })
    clock.jumpWallClock(-500)
    clock.advance(1)
    expect([clock.now(), clock.monotonic()]).toEqual([501, 1])
  })

  it('runs what waits for the end of the turn, and what that asks for', () => {
    const clock = new MemoryClock({ now: 0 })
    const order: number[] = []
    clock.endOfTurn(() => {
      order.push(1)
      clock.endOfTurn(() => order.push(2))
    })
    clock.turn()
    expect(order).toEqual([1, 2])
  })
})
