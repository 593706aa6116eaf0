import { describe, expect, it } from 'vitest'
import { emptyGroupState } from '../../../../../packages/broker/src/coordinator/group/state.ts'
import { GroupShard, offsetsOf } from '../../../../support/group-shard.ts'

describe('what a shard of groups knows', () => {
  it('is nothing before its log is read, whatever another shard knows', () => {
    const shard = new GroupShard()
    shard.stable(1)
    shard.commit({ 'orders-0': 5 }, { groupId: 'simple' })
    const empty = emptyGroupState()
    expect([empty.groups.size, empty.offsets.size]).toEqual([0, 0])
    expect(empty.pendingOffsets.byGroup.size).toBe(0)
  })

  it('may be offsets of a group that nobody ever joined', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 5 }, { groupId: 'simple' })
    const { groups, offsets } = shard.state
    expect([groups.has('simple'), offsets.has('simple')]).toEqual([false, true])
    expect(offsetsOf(shard.reloaded(shard.records))).toEqual(offsetsOf(shard.state))
  })
})
