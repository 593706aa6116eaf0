import { expect, it } from 'vitest'
import { MemoryClock } from '../../../../packages/broker/src/memory/clock.ts'
import { LogOpener } from '../../../../packages/broker/src/replication/log-opener.ts'

/** Of so many logs, each of which takes a millisecond to open. */
function given(count: number) {
  const clock = new MemoryClock({ now: 0 })
  let left = count
  const slow = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic() + count - left,
    after: (delayMs: number, fire: () => void) => clock.after(delayMs, fire),
    endOfTurn: (run: () => void) => clock.endOfTurn(run),
  }
  const opener = new LogOpener(slow, () => {
    if (left === 0) return 'all open'
    left--
    return 'more'
  })
  return { clock, opener, left: () => left }
}

it('holds the loop for a few milliseconds at a time, rests longer than it works, and ends', () => {
  const { clock, opener, left } = given(10)
  opener.start()
  expect(left()).toBe(10)
  clock.advance(100)
  expect(left()).toBe(6)
  clock.advance(15)
  expect(left()).toBe(6)
  clock.advance(1_000)
  expect([left(), clock.waitingCount]).toEqual([0, 0])
})

it('opens nothing any more once it is closed', () => {
  const { clock, opener, left } = given(10)
  opener.start()
  opener.close()
  clock.advance(1_000)
  expect([left(), clock.waitingCount]).toEqual([10, 0])
})
