import { describe, expect, it } from 'vitest'
import { MemoryClock } from '../../../../packages/broker/src/memory/clock.ts'
import { memoryRandom } from '../../../../packages/broker/src/memory/random.ts'
import { FetchSessions } from '../../../../packages/broker/src/purgatory/fetch-sessions.ts'
import type { World } from '../../../../packages/broker/src/world.ts'

const position = {
  topic: 'orders',
  partition: 0,
  fetchOffset: 0,
  maxBytes: 1,
  currentLeaderEpoch: -1,
  lastFetchedEpoch: -1,
}
const asking = (
  sessionId: number,
  sessionEpoch: number,
  addressing: 'names' | 'ids' = 'names',
) => ({
  sessionId,
  sessionEpoch,
  addressing,
  positions: [position],
  forgotten: [],
})

function given(slots: number) {
  const clock = new MemoryClock({ now: 0 })
  const sessions = new FetchSessions({ clock, random: memoryRandom(3) } as unknown as World, slots)
  const open = (): number => {
    const decision = sessions.decide(asking(0, 0))
    return decision.type === 'full' ? decision.session.id : 0
  }
  return { clock, sessions, open }
}

describe('fetch sessions', () => {
  it('are not opened for a final epoch, and closed by it', () => {
    const { sessions, open } = given(10)
    expect(sessions.decide(asking(0, -1)).type).toBe('sessionless')
    const id = open()
    expect(sessions.decide(asking(id, -1)).type).toBe('sessionless')
    expect(sessions.size).toBe(0)
  })

  it('are replaced when the client begins anew', () => {
    const { sessions, open } = given(10)
    const id = open()
    expect(sessions.decide(asking(id, 0)).type).toBe('full')
    expect(sessions.size).toBe(1)
    expect(sessions.decide(asking(id, 1))).toEqual({
      type: 'refused',
      error: 'FETCH_SESSION_ID_NOT_FOUND',
    })
  })

  it('remember only so many partitions together', () => {
    const { sessions, open } = given(10)
    const positions = Array.from({ length: 600_000 }, (_, partition) => ({
      ...position,
      partition,
    }))
    const first = sessions.decide({ ...asking(0, 0), positions })
    expect(first.type).toBe('full')
    expect(sessions.decide({ ...asking(0, 0), positions }).type).toBe('sessionless')
    expect(sessions.decide({ ...asking(open(), 1), positions })).toEqual({
      type: 'refused',
      error: 'FETCH_SESSION_ID_NOT_FOUND',
    })
    expect(sessions.size).toBe(1)
    if (first.type === 'full') sessions.decide(asking(first.session.id, -1))
    expect(sessions.decide({ ...asking(0, 0), positions }).type).toBe('full')
  })

  it('do not change between names and ids', () => {
    const { sessions, open } = given(10)
    expect(sessions.decide(asking(open(), 1, 'ids'))).toEqual({
      type: 'refused',
      error: 'FETCH_SESSION_TOPIC_ID_ERROR',
    })
  })

  it('make room for new ones by the time of their last use', () => {
    const { clock, sessions, open } = given(2)
    const [first, second] = [open(), open()]
    clock.advance(100_000)
    sessions.decide(asking(first, 1))
    clock.advance(30_000)
    expect(open()).toBeGreaterThan(0)
    expect(sessions.decide(asking(second, 1)).type).toBe('refused')
    expect(sessions.decide(asking(first, 2)).type).toBe('incremental')
    expect(open()).toBe(0)
  })
})
