import { describe, expect, it } from 'vitest'
import { ClassicShard, REBALANCE_MS, SESSION_MS } from '../../../../../support/classic-shard.ts'

/** A group in which two members have joined and nobody has asked for its assignment. */
function joinedPair() {
  const shard = new ClassicShard()
  const { memberIds } = shard.stable(2)
  const [leader = '', follower = ''] = memberIds
  shard.join({ memberId: follower, topics: ['other'] })
  const { generationId } = shard.join({ memberId: leader }).response()
  return { shard, leader, follower, generationId }
}

describe('SyncGroup of a classic group', () => {
  it('lets a follower wait for the leader, and gives each its own', () => {
    const { shard, leader, follower, generationId } = joinedPair()
    const waiting = shard.sync({ memberId: follower, generationId })
    expect(waiting.isAnswered()).toBe(false)
    const assignments = { [leader]: 'for the leader', [follower]: 'for the follower', other: 'x' }
    const told = shard.sync({ memberId: leader, generationId, assignments })
    expect(Buffer.from(told.response().assignment).toString()).toBe('for the leader')
    expect(Buffer.from(waiting.response().assignment).toString()).toBe('for the follower')
    expect(waiting.response()).toMatchObject({ protocolType: 'consumer', protocolName: 'range' })
    expect(shard.group()?.state).toBe('Stable')
  })

  it('gives the stored assignment in a stable group, also after a restart', () => {
    const shard = new ClassicShard()
    const { memberIds, generationId } = shard.stable(2)
    shard.restart()
    const told = shard.sync({ memberId: memberIds[1] ?? '', generationId })
    expect(Buffer.from(told.response().assignment).toString()).toBe('of 1')
  })

  it('does not let the assignments of a follower count', () => {
    const { shard, leader, follower, generationId } = joinedPair()
    const waiting = shard.sync({
      memberId: follower,
      generationId,
      assignments: { [follower]: 'all' },
    })
    shard.sync({ memberId: leader, generationId })
    expect(waiting.response().assignment).toHaveLength(0)
  })

  it.each([
    ['a stranger', { memberId: 'nobody' }, 'UNKNOWN_MEMBER_ID'],
    ['a group that is not there', { groupId: 'other' }, 'UNKNOWN_MEMBER_ID'],
    ['no group id', { groupId: '' }, 'INVALID_GROUP_ID'],
    ['another generation', { generationId: 2 }, 'ILLEGAL_GENERATION'],
    ['an unknown instance', { instanceId: 'one' }, 'UNKNOWN_MEMBER_ID'],
    ['another protocol', { protocolName: 'sticky' }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['another protocol type', { protocolType: 'connect' }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['no protocol from version 5 on', { protocolName: null }, 'INCONSISTENT_GROUP_PROTOCOL'],
  ])('refuses %s', (_, words, error) => {
    const { shard, follower, generationId } = joinedPair()
    expect(shard.sync({ memberId: follower, generationId, ...words }).error()).toBe(error)
  })

  it('asks for no protocol before version 5', () => {
    const { shard, follower, generationId } = joinedPair()
    const words = { protocolName: null, protocolType: null, apiVersion: 4 }
    expect(shard.sync({ memberId: follower, generationId, ...words }).isAnswered()).toBe(false)
  })

  it('keeps a member alive while it waits', () => {
    const { shard, leader, follower, generationId } = joinedPair()
    shard.sync({ memberId: follower, generationId })
    for (let waited = 0; waited < 3 * SESSION_MS; waited += 5_000) {
      shard.heartbeat({ memberId: leader, generationId })
      shard.advance(5_000)
    }
    expect(shard.group()?.members.has(follower)).toBe(true)
    shard.sync({ memberId: leader, generationId })
    shard.advance(SESSION_MS)
    expect(shard.group()?.members.has(follower)).toBe(false)
  })

  it('answers the older of two requests of one member', () => {
    const { shard, follower, generationId } = joinedPair()
    const older = shard.sync({ memberId: follower, generationId })
    shard.sync({ memberId: follower, generationId })
    expect(older.error()).toBe('REBALANCE_IN_PROGRESS')
  })

  it('goes on without those who did not ask for their assignment in time', () => {
    const { shard, leader, follower, generationId } = joinedPair()
    const waiting = shard.sync({ memberId: follower, generationId })
    for (let waited = 0; waited < REBALANCE_MS; waited += 5_000) {
      shard.heartbeat({ memberId: leader, generationId })
      shard.advance(5_000)
    }
    expect(waiting.error()).toBe('REBALANCE_IN_PROGRESS')
    expect(shard.join({ memberId: follower }).response().leader).toBe(follower)
  })
})
