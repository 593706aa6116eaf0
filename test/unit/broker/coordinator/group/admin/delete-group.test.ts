import { describe, expect, it } from 'vitest'
import { GROUP } from '../../../../../support/classic-shard.ts'
import { beat, heartbeat, joining } from '../../../../../support/consumer-shard.ts'
import { GroupShard } from '../../../../../support/group-shard.ts'

const isEmpty = (shard: GroupShard): boolean =>
  shard.state.groups.size + shard.state.offsets.size === 0

describe('deleteGroup', () => {
  it('deletes a group that has committed offsets only, for good', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 1, 'other-1': 2 })
    expect(shard.deleteGroup()).toBe('NONE')
    expect(isEmpty(shard)).toBe(true)
    shard.restart()
    expect(isEmpty(shard)).toBe(true)
    expect(shard.deleteGroup()).toBe('GROUP_ID_NOT_FOUND')
  })

  it('deletes a classic group once it has no members', () => {
    const shard = new GroupShard()
    const { memberIds, generationId: generation } = shard.stable(1)
    const memberId = memberIds[0] ?? ''
    shard.commit({ 'orders-0': 1 }, { memberId, generation })
    expect(shard.deleteGroup()).toBe('NON_EMPTY_GROUP')
    expect(shard.committed()).toEqual({ 'orders-0': 1 })
    shard.leave([{ memberId }])
    expect(shard.deleteGroup()).toBe('NONE')
    expect(isEmpty(shard)).toBe(true)
    shard.restart()
    expect(isEmpty(shard)).toBe(true)
  })

  it('deletes a classic group that was never complete, with the offsets that were there before', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 1 })
    shard.join()
    expect(shard.group()?.settled).toBeNull()
    expect(shard.deleteGroup()).toBe('NONE')
    expect(isEmpty(shard)).toBe(true)
    shard.restart()
    expect(isEmpty(shard)).toBe(true)
  })

  it('deletes a consumer group once it has no members', () => {
    const shard = new GroupShard()
    const memberId = 'bWVtYmVyLW9uZS1tZW1iZQ'
    const { memberEpoch } = beat(shard, joining(memberId, ['orders'], { groupId: GROUP }))
    shard.commit({ 'orders-0': 1 }, { memberId, generation: memberEpoch })
    expect(shard.deleteGroup()).toBe('NON_EMPTY_GROUP')
    beat(shard, heartbeat({ groupId: GROUP, memberId, memberEpoch: -1 }))
    expect(shard.deleteGroup()).toBe('NONE')
    expect(isEmpty(shard)).toBe(true)
    shard.restart()
    expect(isEmpty(shard)).toBe(true)
  })
})
