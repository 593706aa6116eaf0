import { describe, expect, it } from 'vitest'
import { removalOfGroup } from '../../../../../../packages/broker/src/coordinator/group/admin/removal-of-group.ts'
import { GROUP } from '../../../../../support/classic-shard.ts'
import { GroupShard } from '../../../../../support/group-shard.ts'

describe('removalOfGroup', () => {
  it('takes the offsets first and the group last, so that no part of the log has offsets of a group that is gone', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 1, 'other-0': 1 })
    const removal = removalOfGroup(shard.state, GROUP, 'offsets and group')
    if (typeof removal === 'string') throw new Error(removal)
    expect(removal.changes.map(change => change.type === 'record' && change.record.type)).toEqual([
      'OffsetCommit',
      'OffsetCommit',
      'GroupMetadata',
    ])
  })

  it('leaves the offsets to whoever takes them anyway', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 1 })
    const removal = removalOfGroup(shard.state, GROUP, 'group only')
    expect(typeof removal === 'string' ? removal : removal.changes.length).toBe(1)
  })

  it('refuses groups that are not there or have members', () => {
    const shard = new GroupShard()
    expect(removalOfGroup(shard.state, GROUP, 'offsets and group')).toBe('GROUP_ID_NOT_FOUND')
    shard.stable(1)
    expect(removalOfGroup(shard.state, GROUP, 'offsets and group')).toBe('NON_EMPTY_GROUP')
  })
})
