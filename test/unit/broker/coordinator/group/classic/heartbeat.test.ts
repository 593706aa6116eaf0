import { describe, expect, it } from 'vitest'
import { ClassicShard, SESSION_MS } from '../../../../../support/classic-shard.ts'

describe('Heartbeat of a classic group', () => {
  it('keeps a member for another session each time', () => {
    const shard = new ClassicShard()
    const { memberIds, generationId } = shard.stable(1)
    const member = { memberId: memberIds[0] ?? '', generationId }
    for (let beat = 0; beat < 5; beat++) {
      shard.advance(SESSION_MS - 1)
      expect(shard.heartbeat(member)).toBe('NONE')
    }
    shard.advance(SESSION_MS)
    expect(shard.heartbeat(member)).toBe('UNKNOWN_MEMBER_ID')
    expect(shard.group()?.state).toBe('Empty')
  })

  it('is taken as soon as a member has joined', () => {
    const shard = new ClassicShard()
    const { memberId } = shard.joinTwice()
    expect(shard.heartbeat({ memberId, generationId: 1 })).toBe('NONE')
  })

  it('sets one timer however many members there are', () => {
    const shard = new ClassicShard()
    const { memberIds, generationId } = shard.stable(5)
    const before = new Map(shard.timers)
    shard.advance(1)
    shard.heartbeat({ memberId: memberIds[3] ?? '', generationId })
    const moved = [...shard.timers].filter(([key, { atMs }]) => before.get(key)?.atMs !== atMs)
    expect(moved).toHaveLength(1)
  })

  it.each([
    ['a stranger', { memberId: 'nobody' }, 'UNKNOWN_MEMBER_ID'],
    ['a group that is not there', { groupId: 'other' }, 'UNKNOWN_MEMBER_ID'],
    ['no group id', { groupId: '' }, 'INVALID_GROUP_ID'],
    ['an older generation', { generationId: 0 }, 'ILLEGAL_GENERATION'],
    ['a newer generation', { generationId: 7 }, 'ILLEGAL_GENERATION'],
    ['an unknown instance', { instanceId: 'one' }, 'UNKNOWN_MEMBER_ID'],
  ])('refuses %s', (_, words, error) => {
    const shard = new ClassicShard()
    const { memberIds, generationId } = shard.stable(1)
    expect(shard.heartbeat({ memberId: memberIds[0] ?? '', generationId, ...words })).toBe(error)
  })
})
