import { describe, expect, it } from 'vitest'
import { ClassicShard, SESSION_MS } from '../../../../../support/classic-shard.ts'

describe('a classic group after a restart', () => {
  it('goes on as if nothing had been, each member with a new session', () => {
    const shard = new ClassicShard()
    const { memberIds, generationId } = shard.stable(2)
    const [one = '', two = ''] = memberIds
    shard.advance(SESSION_MS - 1)
    shard.restart()
    shard.advance(SESSION_MS - 1)
    expect(shard.heartbeat({ memberId: one, generationId })).toBe('NONE')
    expect(shard.group()).toMatchObject({ state: 'Stable', generationId, leaderId: one })
    shard.advance(1)
    expect(shard.group()?.members.has(two)).toBe(false)
  })

  it('never gives out again a generation that was lost before it had an assignment (G1, G2)', () => {
    const shard = new ClassicShard()
    const { memberIds, generationId } = shard.stable(1)
    const memberId = memberIds[0] ?? ''
    const given: number[] = [generationId]
    for (let restart = 0; restart < 5; restart++) {
      for (let round = 0; round < 3; round++) {
        given.push(
          shard.join({ memberId, topics: [`${restart} ${round}`] }).response().generationId,
        )
      }
      shard.restart()
      expect(shard.heartbeat({ memberId, generationId: given.at(-1) ?? 0 })).not.toBe('NONE')
    }
    expect(given).toEqual([...new Set(given)].toSorted((a, b) => a - b))
  })

  it('stays Empty with the time since when it is', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(1)
    shard.leave([{ memberId: memberIds[0] ?? '' }])
    const since = shard.nowMs
    shard.advance(3_600_000)
    shard.restart()
    expect(shard.group()?.state).toBe('Empty')
    expect(shard.group()?.settled?.currentStateTimestamp).toBe(since)
    expect(shard.timers.size).toBe(0)
  })

  it('calls its members together when it has more than the settings allow now', () => {
    const shard = new ClassicShard()
    shard.stable(3)
    shard.rules = { ...shard.rules, maxSize: 2 }
    shard.restart()
    expect(shard.group()?.state).toBe('PreparingRebalance')
  })
})
