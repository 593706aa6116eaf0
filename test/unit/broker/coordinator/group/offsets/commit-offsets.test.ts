import { describe, expect, it } from 'vitest'
import { GROUP, SESSION_MS } from '../../../../../support/classic-shard.ts'
import { beat, heartbeat, joining } from '../../../../../support/consumer-shard.ts'
import { GroupShard } from '../../../../../support/group-shard.ts'
import { topicIdOf } from '../../../../../support/metadata-image.ts'

const MEMBER = 'bWVtYmVyLW9uZS1tZW1iZQ'

function stable() {
  const shard = new GroupShard()
  const { memberIds, generationId } = shard.stable(1)
  return { shard, member: { memberId: memberIds[0] ?? '', generation: generationId } }
}

describe('commitOffsets', () => {
  it('keeps what was committed last', () => {
    const shard = new GroupShard()
    expect(shard.commit({ 'orders-0': 5, 'other-1': 7 })).toEqual(['NONE', 'NONE'])
    shard.commit({ 'orders-0': 3 }, { leaderEpoch: 4, metadata: null })
    expect(shard.committed()).toEqual({ 'orders-0': 3, 'other-1': 7 })
    expect(shard.state.offsets.get(GROUP)?.get('orders')?.get(0)).toEqual({
      offset: 3,
      leaderEpoch: 4,
      metadata: '',
      commitTimestampMs: shard.nowMs,
      expireTimestampMs: -1,
      topicId: topicIdOf('orders'),
    })
  })

  it('refuses partitions that are not there, and commits the others', () => {
    const shard = new GroupShard()
    expect(shard.commit({ 'orders-0': 1, 'orders-3': 1, 'orders--1': 1, 'none-0': 1 })).toEqual([
      'NONE',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'UNKNOWN_TOPIC_OR_PARTITION',
    ])
    expect(shard.committed()).toEqual({ 'orders-0': 1 })
  })

  it('asks nothing of the group when no partition is there', () => {
    const shard = new GroupShard()
    expect(shard.commit({ 'none-0': 1 }, { memberId: 'x', generation: 3 })).toEqual([
      'UNKNOWN_TOPIC_OR_PARTITION',
    ])
    expect(shard.commit({}, { memberId: 'x', generation: 3 })).toEqual([])
  })

  it.each([
    [4096, 'x', 'NONE'],
    [4097, 'x', 'OFFSET_METADATA_TOO_LARGE'],
    [4096, '\u00e9', 'NONE'],
  ] as const)('takes %i characters of metadata, %s: %s', (count, character, expected) => {
    const shard = new GroupShard()
    const metadata = character.repeat(count)
    expect(shard.commit({ 'orders-0': 1 }, { metadata })).toEqual([expected])
    expect(shard.committed()).toEqual(expected === 'NONE' ? { 'orders-0': 1 } : {})
  })

  it('refuses metadata that no record can hold, whatever the setting says', () => {
    const shard = new GroupShard({ offsetMetadataMaxBytes: 1_000_000 })
    const metadata = '\u00e9'.repeat(16_384)
    expect(shard.commit({ 'orders-0': 1 }, { metadata })).toEqual(['OFFSET_METADATA_TOO_LARGE'])
    expect(shard.commit({ 'orders-0': 1 }, { metadata: metadata.slice(1) })).toEqual(['NONE'])
  })

  it('refuses a group id that no record can hold', () => {
    const shard = new GroupShard()
    const groupId = 'g'.repeat(32_768)
    expect(shard.commit({ 'orders-0': 1 }, { groupId })).toEqual(['INVALID_GROUP_ID'])
    expect(shard.commit({ 'orders-0': 1 }, { groupId: groupId.slice(1) })).toEqual(['NONE'])
  })

  it('refuses a commit whole that is larger than a batch may be', () => {
    const shard = new GroupShard({ maxRecordBytes: 300 })
    const offsets = { 'orders-0': 1, 'orders-1': 1, 'orders-2': 1, 'other-0': 1 }
    expect(new Set(shard.commit(offsets))).toEqual(new Set(['UNKNOWN_SERVER_ERROR']))
    expect(shard.records).toEqual([])
    expect(shard.commit({ 'orders-0': 1 })).toEqual(['NONE'])
  })

  it('keeps a time of retention that old clients ask for, from the commit on', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 1 }, { retentionTimeMs: 60_000 })
    shard.commit({ 'orders-1': 1 }, { retentionTimeMs: -(2 ** 52) })
    shard.commit({ 'orders-2': 1 }, { retentionTimeMs: Number.MAX_SAFE_INTEGER })
    const times = [...(shard.state.offsets.get(GROUP)?.get('orders')?.values() ?? [])]
    expect(times.map(({ expireTimestampMs }) => expireTimestampMs)).toEqual([
      shard.nowMs + 60_000,
      0,
      Number.MAX_SAFE_INTEGER,
    ])
  })
})

describe('commitOffsets of a classic group', () => {
  it('takes the commits of its members in their generation only (G2)', () => {
    const { shard, member } = stable()
    expect(shard.commit({ 'orders-0': 5 }, member)).toEqual(['NONE'])
    const refused = [
      { ...member, generation: member.generation + 1 },
      { ...member, generation: member.generation - 1 },
      { ...member, generation: -1 },
      { ...member, memberId: 'somebody' },
      { ...member, instanceId: 'somebody' },
      {},
    ].map(words => shard.commit({ 'orders-0': 9 }, words)[0])
    expect(refused).toEqual([
      'ILLEGAL_GENERATION',
      'ILLEGAL_GENERATION',
      'ILLEGAL_GENERATION',
      'UNKNOWN_MEMBER_ID',
      'UNKNOWN_MEMBER_ID',
      'UNKNOWN_MEMBER_ID',
    ])
    expect(shard.committed()).toEqual({ 'orders-0': 5 })
  })

  it('counts a commit as a heartbeat', () => {
    const { shard, member } = stable()
    for (let beats = 0; beats < 4; beats++) {
      shard.advance(SESSION_MS - 1)
      expect(shard.commit({ 'orders-0': beats }, member)).toEqual(['NONE'])
    }
    shard.advance(SESSION_MS)
    expect(shard.commit({ 'orders-0': 9 }, member)).toEqual(['UNKNOWN_MEMBER_ID'])
  })

  it('fences the member whose instance came back under another id', () => {
    const shard = new GroupShard()
    const first = shard.join({ instanceId: 'i' }).response()
    shard.settle([first.memberId])
    const generation = first.generationId
    const words = { memberId: first.memberId, generation, instanceId: 'i' }
    expect(shard.commit({ 'orders-0': 1 }, words)).toEqual(['NONE'])
    shard.join({ instanceId: 'i' })
    expect(shard.commit({ 'orders-0': 2 }, words)).toEqual(['FENCED_INSTANCE_ID'])
  })

  it('lets members commit while others join, and not before they have their assignment', () => {
    const { shard, member } = stable()
    shard.joinTwice()
    expect(shard.group()?.state).toBe('PreparingRebalance')
    expect(shard.commit({ 'orders-0': 1 }, member)).toEqual(['NONE'])
    shard.join({ memberId: member.memberId })
    expect(shard.group()?.state).toBe('CompletingRebalance')
    const generation = shard.group()?.generationId ?? -1
    expect(shard.commit({ 'orders-0': 2 }, { ...member, generation })).toEqual([
      'REBALANCE_IN_PROGRESS',
    ])
  })

  it('lets anybody set the offsets of a group without members', () => {
    const { shard, member } = stable()
    shard.leave([{ memberId: member.memberId }])
    expect(shard.commit({ 'orders-0': 3 })).toEqual(['NONE'])
    expect(shard.commit({ 'orders-0': 4 }, member)).toEqual(['UNKNOWN_MEMBER_ID'])
    expect(shard.committed()).toEqual({ 'orders-0': 3 })
  })
})

describe('commitOffsets of a consumer group', () => {
  function joined() {
    const shard = new GroupShard()
    const { memberEpoch } = beat(shard, joining(MEMBER, ['orders'], { groupId: GROUP }))
    return { shard, member: { memberId: MEMBER, generation: memberEpoch } }
  }

  it('takes the commits of its members at their epoch only (G2)', () => {
    const { shard, member } = joined()
    expect(shard.commit({ 'orders-0': 5 }, member)).toEqual(['NONE'])
    const refused = [
      { ...member, generation: member.generation + 1 },
      { ...member, generation: member.generation - 1 },
      { ...member, memberId: 'somebody' },
      { ...member, apiVersion: 8 },
      {},
    ].map(words => shard.commit({ 'orders-0': 9 }, words)[0])
    expect(refused).toEqual([
      'STALE_MEMBER_EPOCH',
      'STALE_MEMBER_EPOCH',
      'UNKNOWN_MEMBER_ID',
      'UNSUPPORTED_VERSION',
      'UNKNOWN_MEMBER_ID',
    ])
    expect(shard.committed()).toEqual({ 'orders-0': 5 })
  })

  it('lets anybody set its offsets when it has no members', () => {
    const { shard } = joined()
    beat(shard, heartbeat({ groupId: GROUP, memberId: MEMBER, memberEpoch: -1 }))
    expect(shard.commit({ 'orders-0': 3 }, { apiVersion: 2 })).toEqual(['NONE'])
  })
})
