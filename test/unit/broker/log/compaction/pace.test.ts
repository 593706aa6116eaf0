import { expect, it } from 'vitest'
import { CleaningStopped, Pace } from '../../../../../packages/broker/src/log/compaction/pace.ts'
import { MemoryClock } from '../../../../../packages/broker/src/memory/clock.ts'
import { settle } from '../../../../support/journal-world.ts'

it('asks for a rest when the slice is over, and has a new one after it', async () => {
  const clock = new MemoryClock({ now: 0 })
  const pace = new Pace(
    clock,
    () => Number.MAX_VALUE,
    () => false,
  )
  expect(pace.isDue).toBe(false)
  clock.advance(5)
  expect(pace.isDue).toBe(true)
  const rested = pace.rest()
  clock.turn()
  await rested
  expect(pace.isDue).toBe(false)
})

it('is not faster than it may be', async () => {
  const clock = new MemoryClock({ now: 0 })
  const pace = new Pace(
    clock,
    () => 1000,
    () => false,
  )
  await pace.spend(10)
  let isPaid = false
  const paid = pace.spend(500).then(() => (isPaid = true))
  await settle()
  clock.advance(400)
  await settle()
  expect(isPaid).toBe(false)
  clock.advance(200)
  await paid
})

it('ends when it is told to', async () => {
  let isStopped = false
  const clock = new MemoryClock({ now: 0 })
  const pace = new Pace(
    clock,
    () => Number.MAX_VALUE,
    () => isStopped,
  )
  await pace.spend(1)
  isStopped = true
  await expect(pace.spend(1)).rejects.toThrow(CleaningStopped)
})
