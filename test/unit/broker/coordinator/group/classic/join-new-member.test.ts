import { describe, expect, it } from 'vitest'
import {
  MAX_PENDING_MEMBERS,
  NEW_MEMBER_JOIN_TIMEOUT_MS,
} from '../../../../../../packages/broker/src/coordinator/group/classic/classic-limits.ts'
import { ClassicShard, SESSION_MS } from '../../../../../support/classic-shard.ts'

describe('a JoinGroup request without a member id', () => {
  it('gives a dynamic member its id before it may join (KIP-394)', () => {
    const shard = new ClassicShard()
    const first = shard.join({ clientId: 'billing' })
    expect(first.error()).toBe('MEMBER_ID_REQUIRED')
    expect(first.response().memberId).toBe('billing-id1')
    const second = shard.join({ memberId: 'billing-id1' })
    expect(second.response()).toMatchObject({
      errorCode: 0,
      generationId: 1,
      leader: 'billing-id1',
      protocolType: 'consumer',
      protocolName: 'range',
      skipAssignment: false,
      members: [{ memberId: 'billing-id1', groupInstanceId: null }],
    })
    expect(shard.group()?.state).toBe('CompletingRebalance')
  })

  it('adds a client that knows no member ids in advance at once, before version 4', () => {
    const shard = new ClassicShard()
    expect(shard.join({ apiVersion: 3 }).response()).toMatchObject({
      errorCode: 0,
      memberId: 'client-id1',
    })
  })

  it('forgets a group whose only member id was never used', () => {
    const shard = new ClassicShard()
    shard.join()
    expect(shard.group()?.pendingMembers.size).toBe(1)
    shard.advance(SESSION_MS)
    expect(shard.group()).toBeUndefined()
    expect(shard.timers.size).toBe(0)
    expect(shard.records).toEqual([])
  })

  it('gives out no more member ids than may be pending', () => {
    const shard = new ClassicShard()
    for (let count = 0; count < MAX_PENDING_MEMBERS; count++) shard.join()
    expect(shard.join().error()).toBe('GROUP_MAX_SIZE_REACHED')
    shard.leave([{ memberId: 'client-id1' }])
    expect(shard.join().error()).toBe('MEMBER_ID_REQUIRED')
  })

  it('gives a static member its place at once, named after the instance', () => {
    const shard = new ClassicShard()
    expect(shard.join({ instanceId: 'one' }).response()).toMatchObject({
      errorCode: 0,
      memberId: 'one-id1',
      members: [{ memberId: 'one-id1', groupInstanceId: 'one' }],
    })
  })

  it('lets a new member that waits too long ask again', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(1, { rebalanceTimeoutMs: 2 * NEW_MEMBER_JOIN_TIMEOUT_MS })
    const waiting = shard.joinTwice()
    for (let waited = 0; waited < NEW_MEMBER_JOIN_TIMEOUT_MS; waited += 5_000) {
      expect(waiting.isAnswered()).toBe(false)
      shard.heartbeat({ memberId: memberIds[0] ?? '', generationId: 1 })
      shard.advance(5_000)
    }
    expect(waiting.error()).toBe('UNKNOWN_MEMBER_ID')
  })
})
