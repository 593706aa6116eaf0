import { describe, expect, it } from 'vitest'
import { LazyOpening } from '../../../../packages/broker/src/replication/lazy-opening.ts'
import { UnopenedLogs } from '../../../../packages/broker/src/replication/unopened-logs.ts'
import { settle } from '../../../support/journal-world.ts'
import { plainSettings } from '../../../support/log-harness.ts'
import { StallingClock } from '../../../support/stalling-clock.ts'

/** So many logs that a start has left closed, each of which takes a millisecond to open. */
function given(count: number) {
  const clock = new StallingClock({ now: 0 })
  const unopened = new UnopenedLogs()
  const ids = Array.from({ length: count }, (_, partition) => ({ topicId: 'id', partition }))
  for (const { partition } of ids) {
    const identity = { topic: 'events', topicId: 'id', partition, directory: `/${partition}` }
    unopened.set({ identity, topic: {} as never, settings: plainSettings, leaderEpoch: 0 })
  }
  const opened: number[] = []
  const opening = new LazyOpening({
    ...{ clock, unopened },
    open: ({ identity }) => {
      opened.push(identity.partition)
      clock.stall(1)
    },
  })
  /** How many were opened in each turn of the loop, until all that is asked for is. */
  const turnsOf = async (...asked: (Promise<void> | undefined)[]) => {
    let isDone = false
    const done = Promise.all(asked.map(one => Promise.resolve(one))).then(() => (isDone = true))
    const turns: number[] = []
    for (let before = opened.length; ; before = opened.length) {
      await settle()
      turns.push(opened.length - before)
      if (isDone) break
      clock.turn()
    }
    await done
    return turns
  }
  return { clock, unopened, ids, opened, opening, turnsOf }
}

describe('logs that a start has left closed', () => {
  it('are opened in the call that asks for one', () => {
    const { opening, opened, unopened } = given(3)
    opening.openNow('id', 1)
    opening.openNow('id', 1)
    opening.openNow('id', 7)
    expect([opened, unopened.count]).toEqual([[1], 2])
  })

  it('are opened ten milliseconds at a time for who asks for a thousand, and in the order asked', async () => {
    const { opening, ids, opened, turnsOf } = given(1_000)
    const turns = await turnsOf(opening.openAsked(ids))
    expect(Math.max(...turns)).toBe(10)
    expect(opened).toEqual(ids.map(({ partition }) => partition))
  })

  it('hold the loop no longer when many ask at once, and are opened once', async () => {
    const { opening, ids, opened, turnsOf } = given(300)
    const asked = [ids, ids.toReversed(), ids.slice(100)].map(some => opening.openAsked(some))
    const turns = await turnsOf(...asked)
    // Those who wait for the same turn each open one before they see how late it is.
    expect(Math.max(...turns)).toBeLessThanOrEqual(10 + asked.length)
    expect(opened.toSorted((one, other) => one - other)).toEqual(
      ids.map(({ partition }) => partition),
    )
  })

  it('cost nothing where none of those asked for is closed', async () => {
    const { opening, opened, turnsOf } = given(2)
    await turnsOf(opening.openAsked([{ topicId: 'id', partition: 0 }]))
    expect(opening.openAsked([{ topicId: 'id', partition: 0 }])).toBeUndefined()
    await turnsOf(opening.openAsked([{ topicId: 'id', partition: 1 }]))
    const never = (function* () {
      yield* []
      throw new Error('who has none closed need not look')
    })()
    expect([opening.openAsked(never), opened]).toEqual([undefined, [0, 1]])
  })

  it('are opened behind those that are asked for, and all at once for who needs all', async () => {
    const { clock, opening, opened, turnsOf } = given(200)
    clock.advance(100)
    expect(opened.length).toBe(4)
    expect(Math.max(...(await turnsOf(opening.openAll())))).toBe(50)
    expect(opened.length).toBe(200)
  })

  it('stay closed when the broker ends', async () => {
    const { clock, ids, opening, opened, turnsOf } = given(100)
    const begun = opening.openAsked(ids)
    opening.close()
    await turnsOf(begun, opening.openAll(), opening.openAsked(ids))
    opening.openNow('id', 50)
    clock.advance(10_000)
    expect(opened).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].slice(0, opened.length))
    expect(opened.length).toBeLessThan(2)
  })
})
