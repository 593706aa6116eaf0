import { describe, expect, it } from 'vitest'
import { ClassicShard, REBALANCE_MS, SESSION_MS } from '../../../../../support/classic-shard.ts'

describe('a JoinGroup request of a member', () => {
  it('calls the members together when a follower offers something else, or the leader joins again', () => {
    const shard = new ClassicShard()
    const { memberIds, generationId } = shard.stable(2)
    const [leader = '', follower = ''] = memberIds
    expect(shard.join({ memberId: follower }).response()).toMatchObject({
      generationId,
      memberId: follower,
      members: [],
    })
    expect(shard.group()?.state).toBe('Stable')
    expect(shard.join({ memberId: follower, topics: ['other'] }).isAnswered()).toBe(false)
    expect(shard.group()?.state).toBe('PreparingRebalance')
    shard.join({ memberId: leader })
    const settled = shard.settle(memberIds)
    expect(settled.generationId).toBe(generationId + 1)
    expect(shard.join({ memberId: leader }).isAnswered()).toBe(false)
  })

  it('tells a member again what it may not have heard, until the round has its assignment', () => {
    const shard = new ClassicShard()
    const { memberId } = shard.joinTwice()
    expect(shard.join({ memberId }).response()).toMatchObject({
      generationId: 1,
      members: [{ memberId }],
    })
    expect(shard.join({ memberId, topics: ['other'] }).response().generationId).toBe(2)
  })

  it('keeps a member alive while it waits, and begins its session with the answer', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(2)
    const [leader = '', follower = ''] = memberIds
    const waiting = shard.join({ memberId: follower, topics: ['other'] })
    for (let waited = 0; waited < REBALANCE_MS - 5_000; waited += 5_000) {
      expect(shard.heartbeat({ memberId: leader, generationId: 2 })).toBe('REBALANCE_IN_PROGRESS')
      shard.advance(5_000)
    }
    expect(waiting.isAnswered()).toBe(false)
    shard.join({ memberId: leader })
    expect(waiting.response().generationId).toBe(3)
    shard.advance(SESSION_MS - 1)
    expect(shard.group()?.members.has(follower)).toBe(true)
    shard.advance(1)
    expect(shard.group()?.members.has(follower)).toBe(false)
  })

  it('answers the older of two requests of one member', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(2)
    const memberId = memberIds[1] ?? ''
    const older = shard.join({ memberId, topics: ['other'] })
    const newer = shard.join({ memberId, topics: ['other'] })
    expect(older.error()).toBe('REBALANCE_IN_PROGRESS')
    expect(newer.isAnswered()).toBe(false)
  })
})
