import { describe, expect, it } from 'vitest'
import { GROUP } from '../../../../../support/classic-shard.ts'
import { beat, heartbeat, joining } from '../../../../../support/consumer-shard.ts'
import { GroupShard, offsetsOf } from '../../../../../support/group-shard.ts'
import { imageWith, newTopic, topicIdOf } from '../../../../../support/metadata-image.ts'

const RETENTION_MS = 60_000
const CHECK_MS = 1_000
const RULES = { offsetsRetentionMs: RETENTION_MS, offsetsRetentionCheckIntervalMs: CHECK_MS }

function stable(rules = RULES) {
  const shard = new GroupShard(rules)
  const { memberIds, generationId } = shard.stable(1, { sessionTimeoutMs: 1_800_000 })
  return { shard, member: { memberId: memberIds[0] ?? '', generation: generationId } }
}

describe('expireOffsets', () => {
  it('takes the offsets of a group that nobody joins, each from its commit on', () => {
    const shard = new GroupShard(RULES)
    shard.commit({ 'orders-0': 1 })
    shard.advance(RETENTION_MS / 2)
    shard.commit({ 'orders-1': 1 })
    shard.advance(RETENTION_MS / 2 - 1)
    expect(shard.committed()).toEqual({ 'orders-0': 1, 'orders-1': 1 })
    shard.advance(CHECK_MS)
    expect(shard.committed()).toEqual({ 'orders-1': 1 })
    shard.advance(RETENTION_MS / 2)
    expect(shard.state.offsets.size).toBe(0)
    expect(shard.deleteGroup()).toBe('GROUP_ID_NOT_FOUND')
  })

  it('honours a time of retention that old clients asked for', () => {
    const shard = new GroupShard(RULES)
    shard.commit({ 'orders-0': 1 }, { retentionTimeMs: 5_000 })
    shard.commit({ 'orders-1': 1 }, { retentionTimeMs: 3 * RETENTION_MS })
    shard.advance(4_999)
    expect(shard.committed()).toEqual({ 'orders-0': 1, 'orders-1': 1 })
    shard.advance(CHECK_MS)
    expect(shard.committed()).toEqual({ 'orders-1': 1 })
    shard.advance(2 * RETENTION_MS)
    expect(shard.committed()).toEqual({ 'orders-1': 1 })
    shard.advance(RETENTION_MS)
    expect(shard.committed()).toEqual({})
  })

  it('keeps what a classic group reads, and takes topics that it does not read (G4)', () => {
    const { shard, member } = stable()
    shard.commit({ 'orders-0': 1, 'other-0': 1 }, member)
    shard.advance(RETENTION_MS + CHECK_MS)
    expect(shard.committed()).toEqual({ 'orders-0': 1 })
    shard.advance(10 * RETENTION_MS)
    expect(shard.committed()).toEqual({ 'orders-0': 1 })
  })

  it('keeps the offsets of a classic group from when its last member left (G4)', () => {
    const { shard, member } = stable()
    shard.commit({ 'orders-0': 1, 'other-0': 1 }, member)
    shard.advance(RETENTION_MS - CHECK_MS)
    shard.leave([{ memberId: member.memberId }])
    shard.advance(RETENTION_MS - CHECK_MS)
    expect(shard.committed()).toEqual({ 'orders-0': 1, 'other-0': 1 })
    shard.restart()
    shard.advance(2 * CHECK_MS)
    expect(shard.committed()).toEqual({})
    expect(shard.state.groups.size + shard.state.offsets.size).toBe(0)
  })

  it('keeps all while members are there of whom nobody knows what they read (G4)', () => {
    const shard = new GroupShard(RULES)
    shard.commit({ 'orders-0': 1 })
    shard.stable(1, { metadata: Buffer.from('?'), sessionTimeoutMs: 1_800_000 })
    shard.advance(5 * RETENTION_MS)
    expect(shard.committed()).toEqual({ 'orders-0': 1 })
  })

  it('keeps all while a member is expected or the group is not stable (G4)', () => {
    const shard = new GroupShard(RULES)
    shard.commit({ 'orders-0': 1 })
    shard.join({ sessionTimeoutMs: 1_800_000 })
    shard.advance(5 * RETENTION_MS)
    expect(shard.committed()).toEqual({ 'orders-0': 1 })
  })

  it('leaves a group alone that somebody was given a member id for', () => {
    const shard = new GroupShard(RULES)
    const { memberId } = shard.join({ sessionTimeoutMs: 1_800_000 }).response()
    shard.advance(5 * CHECK_MS)
    expect(shard.join({ memberId }).response()).toMatchObject({ errorCode: 0, memberId })
  })

  it('keeps what a consumer group is subscribed to, with or without members', () => {
    const shard = new GroupShard(RULES)
    const memberId = 'bWVtYmVyLW9uZS1tZW1iZQ'
    const { memberEpoch } = beat(shard, joining(memberId, ['orders'], { groupId: GROUP }))
    const generation = memberEpoch
    shard.commit({ 'orders-0': 1, 'other-0': 1 }, { memberId, generation })
    for (let passed = 0; passed < 3 * RETENTION_MS; passed += 30_000) {
      shard.advance(30_000)
      beat(shard, heartbeat({ groupId: GROUP, memberId, memberEpoch }))
    }
    expect(shard.committed()).toEqual({ 'orders-0': 1 })
    beat(shard, heartbeat({ groupId: GROUP, memberId, memberEpoch: -1 }))
    shard.advance(CHECK_MS)
    expect(shard.committed()).toEqual({})
    shard.advance(CHECK_MS)
    expect(shard.state.groups.size).toBe(0)
  })

  it('tombstones a group that nothing is left of, and no other', () => {
    const { shard, member } = stable()
    shard.commit({ 'orders-0': 1 }, { groupId: 'kept' })
    shard.leave([{ memberId: member.memberId }])
    shard.advance(CHECK_MS)
    expect([...shard.state.groups.keys()]).toEqual([])
    expect([...shard.state.offsets.keys()]).toEqual(['kept'])
    expect(offsetsOf(shard.reloaded(shard.records))).toEqual(offsetsOf(shard.state))
    expect(shard.reloaded(shard.records).groups.size).toBe(0)
  })

  it('takes offsets of a topic that was made anew while the broker was down', () => {
    const shard = new GroupShard(RULES)
    shard.commit({ 'orders-0': 1, 'other-0': 2 })
    const anew = newTopic('orders', 3).map(change => ({ ...change, topicId: topicIdOf('anew') }))
    shard.image = imageWith(...anew)
    shard.restart()
    shard.advance(CHECK_MS)
    // What became of a topic that is not there is not known: its offsets grow old like others.
    expect(shard.committed()).toEqual({ 'other-0': 2 })
  })

  it('takes a thousand offsets at a time, and goes on at once', () => {
    const shard = new GroupShard(RULES, ...newTopic('wide', 2_500))
    for (let partition = 0; partition < 2_500; partition++)
      shard.commit({ [`wide-${partition}`]: 1 }, { groupId: `g${partition % 3}` })
    const before = shard.records.length
    shard.nowMs += RETENTION_MS
    shard.take({
      timers: [
        { set: 'offsets/expire', atMs: 0, event: { type: 'offsets-expire', left: undefined } },
      ],
    })
    const sizes: number[] = []
    const take = shard.take.bind(shard)
    shard.take = decision => {
      sizes.push(decision.changes?.length ?? 0)
      take(decision)
    }
    shard.advance(0)
    expect(sizes.length).toBeGreaterThan(2)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_001)
    expect(shard.state.offsets.size).toBe(0)
    expect(shard.records.length - before).toBe(2_503)
  })
})
