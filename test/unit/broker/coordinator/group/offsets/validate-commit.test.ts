import { describe, expect, it } from 'vitest'
import { GroupShard } from '../../../../../support/group-shard.ts'

describe('validateCommit', () => {
  it.each([
    [8, 'ILLEGAL_GENERATION'],
    [9, 'GROUP_ID_NOT_FOUND'],
    [10, 'GROUP_ID_NOT_FOUND'],
  ] as const)(
    'knows no members of a group that is not there: version %i, %s',
    (apiVersion, error) => {
      const shard = new GroupShard()
      const words = { memberId: 'x', generation: 0, apiVersion }
      expect(shard.commit({ 'orders-0': 1 }, words)).toEqual([error])
      expect(shard.state.groups.size + shard.state.offsets.size).toBe(0)
    },
  )

  it('knows no members of a group that has committed offsets only', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 1 })
    const words = { memberId: 'x', generation: 0 }
    expect(shard.commit({ 'orders-0': 2 }, words)).toEqual(['UNKNOWN_MEMBER_ID'])
    expect(shard.commit({ 'orders-0': 3 }, { memberId: 'x' })).toEqual(['NONE'])
  })

  it('takes the empty group id, as Kafka does', () => {
    const shard = new GroupShard()
    expect(shard.commit({ 'orders-0': 1 }, { groupId: '' })).toEqual(['NONE'])
    expect(shard.committed('')).toEqual({ 'orders-0': 1 })
  })
})
