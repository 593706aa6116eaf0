import { describe, expect, it } from 'vitest'
import {
  ClassicShard,
  GROUP,
  REBALANCE_MS,
  SESSION_MS,
} from '../../../../../support/classic-shard.ts'

describe('JoinGroup of a classic group', () => {
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

  it('answers when all members have joined, and tells the members to the leader alone', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(1)
    const leader = memberIds[0] ?? ''
    const follower = shard.joinTwice()
    expect(follower.isAnswered()).toBe(false)
    expect(shard.heartbeat({ memberId: leader, generationId: 1 })).toBe('REBALANCE_IN_PROGRESS')
    const again = shard.join({ memberId: leader })
    expect(again.response().members.map(({ memberId }) => memberId)).toEqual([
      leader,
      follower.memberId,
    ])
    expect(follower.response()).toMatchObject({ generationId: 2, leader, members: [] })
  })

  it.each([
    ['a session below the least', { sessionTimeoutMs: 5_999 }, 'INVALID_SESSION_TIMEOUT'],
    ['a session above the most', { sessionTimeoutMs: 1_800_001 }, 'INVALID_SESSION_TIMEOUT'],
    ['no group id', { groupId: '' }, 'INVALID_GROUP_ID'],
    ['a group id of a million characters', { groupId: 'g'.repeat(1e6) }, 'INVALID_GROUP_ID'],
    ['a member id of a group that is not there', { memberId: 'client-x' }, 'UNKNOWN_MEMBER_ID'],
    ['no protocols', { protocols: [] }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['no protocol type', { protocolType: '' }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['10 MiB of metadata', { metadata: new Uint8Array(10_485_760) }, 'INVALID_REQUEST'],
    [
      '10,000 protocols',
      { protocols: Array.from({ length: 10_000 }, (_, place) => `p${place}`), topics: [] },
      'INVALID_REQUEST',
    ],
  ])('refuses %s', (_, words, error) => {
    const shard = new ClassicShard()
    expect(shard.join(words).error()).toBe(error)
    expect(shard.state.groups.size).toBe(0)
    expect(shard.timers.size).toBe(0)
  })

  it('refuses a member that has no protocol in common with the others', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(1, { protocols: ['range', 'sticky'] })
    expect(shard.join({ protocols: ['roundrobin'] }).error()).toBe('INCONSISTENT_GROUP_PROTOCOL')
    expect(shard.join({ protocolType: 'connect' }).error()).toBe('INCONSISTENT_GROUP_PROTOCOL')
    const sticky = shard.joinTwice({ protocols: ['sticky'] })
    shard.join({ memberId: memberIds[0] ?? '', protocols: ['range', 'sticky'] })
    expect(sticky.response()).toMatchObject({ errorCode: 0, protocolName: 'sticky' })
  })

  it('takes the protocol with most votes among those that all offer', () => {
    const shard = new ClassicShard({ initialRebalanceDelayMs: 3_000 })
    const joins = [
      shard.joinTwice({ protocols: ['range', 'sticky', 'mine'] }),
      shard.joinTwice({ protocols: ['sticky', 'range'] }),
      shard.joinTwice({ protocols: ['sticky', 'range'] }),
    ]
    shard.advance(REBALANCE_MS)
    expect(joins.map(join => join.response().protocolName)).toEqual(Array(3).fill('sticky'))
  })

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

  it('goes on without the members that did not join in time', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(2)
    const [leader = '', follower = ''] = memberIds
    const third = shard.joinTwice()
    for (let waited = 0; waited < REBALANCE_MS; waited += 5_000) {
      shard.heartbeat({ memberId: leader, generationId: 2 })
      shard.heartbeat({ memberId: follower, generationId: 2 })
      shard.advance(5_000)
    }
    expect(third.response()).toMatchObject({ generationId: 3, leader: third.memberId })
    expect(shard.heartbeat({ memberId: leader, generationId: 2 })).toBe('UNKNOWN_MEMBER_ID')
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

  it('forgets a group whose only member id was never used', () => {
    const shard = new ClassicShard()
    shard.join()
    expect(shard.group()?.pendingMembers.size).toBe(1)
    shard.advance(SESSION_MS)
    expect(shard.group()).toBeUndefined()
    expect(shard.timers.size).toBe(0)
    expect(shard.records).toEqual([])
  })

  it('waits in a round for those who were given a member id', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(1)
    const { memberId } = shard.join().response()
    const again = shard.join({ memberId: memberIds[0] ?? '' })
    expect(again.isAnswered()).toBe(false)
    shard.join({ memberId })
    expect(again.response().members).toHaveLength(2)
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

  it('gives the first members of a group time to arrive together', () => {
    const shard = new ClassicShard({ initialRebalanceDelayMs: 3_000 })
    const first = shard.joinTwice()
    shard.advance(2_000)
    const second = shard.joinTwice()
    shard.advance(1_000)
    expect(first.isAnswered()).toBe(false)
    shard.advance(2_999)
    expect(first.isAnswered()).toBe(false)
    shard.advance(1)
    expect(first.response()).toMatchObject({ generationId: 1 })
    expect(first.response().members).toHaveLength(2)
    expect(second.response()).toMatchObject({ generationId: 1, leader: first.memberId })
  })

  it('ends the initial delay with the rebalance timeout, however many arrive', () => {
    const shard = new ClassicShard({ initialRebalanceDelayMs: 3_000 })
    const first = shard.joinTwice({ rebalanceTimeoutMs: 7_000 })
    for (let waited = 0; waited < 7_000; waited += 1_000) {
      expect(first.isAnswered()).toBe(false)
      shard.joinTwice({ rebalanceTimeoutMs: 7_000 })
      shard.advance(1_000)
    }
    expect(first.isAnswered()).toBe(true)
  })

  it('takes no more members than the group may have', () => {
    const shard = new ClassicShard({ maxSize: 2 })
    const { memberIds } = shard.stable(2)
    expect(shard.join().error()).toBe('GROUP_MAX_SIZE_REACHED')
    expect(shard.group()?.state).toBe('Stable')
    shard.rules = { ...shard.rules, maxSize: 1 }
    shard.restart()
    expect(shard.group()?.state).toBe('PreparingRebalance')
    const [one = '', other = ''] = memberIds
    const joined = shard.join({ memberId: one })
    expect(shard.join({ memberId: other }).error()).toBe('GROUP_MAX_SIZE_REACHED')
    expect(joined.response().members).toHaveLength(1)
  })

  it('takes no members whose subscriptions would not fit into the record of the group', () => {
    const shard = new ClassicShard({ maxRecordBytes: 20_000 })
    const metadata = new Uint8Array(9_000)
    shard.stable(2, { metadata })
    expect(shard.join({ metadata }).error()).toBe('GROUP_MAX_SIZE_REACHED')
    expect(shard.join({ groupId: GROUP }).error()).toBe('MEMBER_ID_REQUIRED')
  })
})
