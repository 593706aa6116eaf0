import { expect, it } from 'vitest'
import { ScrubPace } from '../../../../../packages/broker/src/log/verify/scrub-pace.ts'
import { MemoryClock } from '../../../../../packages/broker/src/memory/clock.ts'
import { settle } from '../../../../support/journal-world.ts'

async function isDone(done: Promise<unknown>): Promise<boolean> {
  let isSettled = false
  void done.then(() => {
    isSettled = true
  })
  await settle()
  return isSettled
}

it('keeps within the bandwidth', async () => {
  const clock = new MemoryClock({ now: 0 })
  const pace = new ScrubPace(clock, () => 1000)
  const spent = pace.spend(500)
  clock.advance(499)
  expect(await isDone(spent)).toBe(false)
  clock.advance(1)
  expect(await isDone(spent)).toBe(true)
})

it('waits once for many small reads', async () => {
  const clock = new MemoryClock({ now: 0 })
  const pace = new ScrubPace(clock, () => 1000)
  expect(await isDone(pace.spend(10))).toBe(true)
  expect(await isDone(pace.spend(9))).toBe(true)
  const spent = pace.spend(1)
  expect(await isDone(spent)).toBe(false)
  clock.advance(20)
  expect(await isDone(spent)).toBe(true)
})

it('leaves a slow disk to others for four times as long as it took', async () => {
  const clock = new MemoryClock({ now: 0 })
  const pace = new ScrubPace(clock, () => 1_000_000)
  clock.advance(100)
  const spent = pace.spend(1)
  clock.advance(399)
  expect(await isDone(spent)).toBe(false)
  clock.advance(1)
  expect(await isDone(spent)).toBe(true)
})

it('stands still as long as timers come late', async () => {
  let lateMs = 200
  const memory = new MemoryClock({ now: 0 })
  const late = {
    now: () => memory.now(),
    monotonic: () => memory.monotonic(),
    after: (delayMs: number, fire: () => void) => memory.after(delayMs + lateMs, fire),
    endOfTurn: (run: () => void) => memory.endOfTurn(run),
  }
  const pace = new ScrubPace(late, () => 1000)
  const spent = pace.spend(100)
  for (let second = 0; second < 30; second++) {
    memory.advance(1200)
    expect(await isDone(spent)).toBe(false)
  }
  lateMs = 0
  memory.advance(1200)
  await settle()
  memory.advance(1000)
  expect(await isDone(spent)).toBe(true)
})

it('ends every wait when it is stopped', async () => {
  const clock = new MemoryClock({ now: 0 })
  const pace = new ScrubPace(clock, () => 1)
  const spent = pace.spend(1000)
  pace.stop()
  expect(await isDone(spent)).toBe(true)
  expect(await isDone(pace.spend(1000))).toBe(true)
  expect([pace.isStopped, clock.waitingCount]).toEqual([true, 0])
})
