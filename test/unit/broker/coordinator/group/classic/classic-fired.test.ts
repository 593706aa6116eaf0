import { describe, expect, it } from 'vitest'
import { classicFired } from '../../../../../../packages/broker/src/coordinator/group/classic/classic-fired.ts'
import { ClassicShard, GROUP, SESSION_MS } from '../../../../../support/classic-shard.ts'

describe('timers of classic groups', () => {
  it('change nothing when what they were set for is over', () => {
    const shard = new ClassicShard()
    const { memberIds, generationId } = shard.stable(2)
    const groupId = GROUP
    const stale = [
      { type: 'classic-session-expired', groupId, memberId: 'gone' },
      { type: 'classic-session-expired', groupId: 'other', memberId: memberIds[0] ?? '' },
      { type: 'classic-join-expired', groupId, generationId },
      { type: 'classic-sync-expired', groupId, generationId: generationId - 1 },
      { type: 'classic-sync-expired', groupId, generationId },
    ] as const
    for (const event of stale) {
      const {
        changes = [],
        answers = [],
        timers = [],
      } = classicFired(shard.state, event, shard.moment)
      expect([...changes, ...answers, ...timers]).toEqual([])
    }
  })

  it('take out a member that was silent for its session, and call the others together', () => {
    const shard = new ClassicShard()
    const { memberIds, generationId } = shard.stable(2)
    const [one = '', two = ''] = memberIds
    shard.advance(SESSION_MS - 1)
    shard.heartbeat({ memberId: one, generationId })
    shard.advance(1)
    expect(shard.heartbeat({ memberId: two, generationId })).toBe('UNKNOWN_MEMBER_ID')
    expect(shard.heartbeat({ memberId: one, generationId })).toBe('REBALANCE_IN_PROGRESS')
  })

  it('begin no round because a member id was not used, but end the one that waited for it', () => {
    const shard = new ClassicShard()
    const { memberIds, generationId } = shard.stable(1)
    const memberId = memberIds[0] ?? ''
    shard.join()
    shard.advance(SESSION_MS - 1)
    shard.heartbeat({ memberId, generationId })
    shard.advance(1)
    expect(shard.group()).toMatchObject({ state: 'Stable', generationId })
    shard.join()
    const waiting = shard.join({ memberId })
    expect(waiting.isAnswered()).toBe(false)
    shard.advance(SESSION_MS)
    expect(waiting.isAnswered()).toBe(true)
  })
})
