import { expect, it } from 'vitest'
import { MemoryClock } from '../../../../packages/broker/src/memory/clock.ts'
import { Breath } from '../../../../packages/broker/src/replication/breath.ts'

it('lets the loop have a turn after a while of work, everybody the same one', async () => {
  const clock = new MemoryClock({ now: 0 })
  const breath = new Breath(clock, 50)
  clock.advance(49)
  expect(breath.draw()).toBeUndefined()
  clock.advance(1)
  const drawn = breath.draw()
  expect(drawn).toBeInstanceOf(Promise)
  expect(breath.draw()).toBe(drawn)
  clock.turn()
  await drawn
  expect(breath.draw()).toBeUndefined()
})
