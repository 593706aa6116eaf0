import { describe, expect, it } from 'vitest'
import { GROUP } from '../../../../../support/classic-shard.ts'
import { beat, heartbeat, joining } from '../../../../../support/consumer-shard.ts'
import { GroupShard } from '../../../../../support/group-shard.ts'

describe('deleteOffsets', () => {
  it('takes offsets away, and answers for each partition', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 1, 'orders-1': 2, 'other-0': 3 })
    expect(shard.deleteOffsets(['orders-0', 'orders-2', 'orders-9', 'none-0', 'other-0'])).toEqual([
      'NONE',
      'NONE',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'NONE',
    ])
    expect(shard.committed()).toEqual({ 'orders-1': 2 })
  })

  it('writes one tombstone for a partition that is named many times', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 1 })
    const written = shard.records.length
    const often = Array.from({ length: 100 }, () => 'orders-0')
    expect(new Set(shard.deleteOffsets(often))).toEqual(new Set(['NONE']))
    expect(shard.records).toHaveLength(written + 1)
  })

  it('leaves a group without offsets until it is tombstoned', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 1 })
    shard.deleteOffsets(['orders-0'])
    expect(shard.deleteOffsets(['orders-0'])).toEqual(['NONE'])
    shard.advance(shard.rules.offsetsRetentionCheckIntervalMs)
    expect(shard.deleteOffsets(['orders-0'])).toBe('GROUP_ID_NOT_FOUND')
  })

  it('refuses groups that are not there, and the empty group id', () => {
    const shard = new GroupShard()
    expect(shard.deleteOffsets(['orders-0'])).toBe('GROUP_ID_NOT_FOUND')
    expect(shard.deleteOffsets([])).toBe('GROUP_ID_NOT_FOUND')
    expect(shard.deleteOffsets(['orders-0'], { groupId: '' })).toBe('INVALID_GROUP_ID')
  })

  it('leaves topics alone that the client may not read', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 1, 'other-0': 1 })
    const forbidden = ['orders', 'none']
    expect(shard.deleteOffsets(['orders-0', 'none-0', 'other-0'], { forbidden })).toEqual([
      'TOPIC_AUTHORIZATION_FAILED',
      'TOPIC_AUTHORIZATION_FAILED',
      'NONE',
    ])
    expect(shard.committed()).toEqual({ 'orders-0': 1 })
  })

  it('keeps what members of a classic group of consumers read', () => {
    const shard = new GroupShard()
    const { memberIds, generationId: generation } = shard.stable(1)
    shard.commit({ 'orders-0': 1, 'other-0': 1 }, { memberId: memberIds[0] ?? '', generation })
    const expected = ['GROUP_SUBSCRIBED_TO_TOPIC', 'NONE']
    expect(shard.deleteOffsets(['orders-0', 'other-0'])).toEqual(expected)
    shard.leave([{ memberId: memberIds[0] ?? '' }])
    expect(shard.deleteOffsets(['orders-0'])).toEqual(['NONE'])
    expect(shard.committed()).toEqual({})
  })

  it('keeps everything while members are there of whom nobody knows what they read', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 1 })
    shard.stable(1, { metadata: Buffer.from('?') })
    expect(shard.deleteOffsets(['other-0'])).toEqual(['GROUP_SUBSCRIBED_TO_TOPIC'])
    shard.commit({ 'orders-0': 1 }, { groupId: 'workers' })
    shard.stable(1, { groupId: 'workers', protocolType: 'connect' })
    expect(shard.deleteOffsets(['orders-0'], { groupId: 'workers' })).toBe('NON_EMPTY_GROUP')
  })

  it('keeps what members of a consumer group are subscribed to', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 1, 'other-0': 1 })
    const memberId = 'bWVtYmVyLW9uZS1tZW1iZQ'
    beat(shard, joining(memberId, ['orders'], { groupId: GROUP }))
    const expected = ['GROUP_SUBSCRIBED_TO_TOPIC', 'NONE']
    expect(shard.deleteOffsets(['orders-0', 'other-0'])).toEqual(expected)
    beat(shard, heartbeat({ groupId: GROUP, memberId, memberEpoch: -1 }))
    expect(shard.deleteOffsets(['orders-0'])).toEqual(['NONE'])
  })
})
