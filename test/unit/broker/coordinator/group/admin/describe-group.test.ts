import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { describeGroup } from '../../../../../../packages/broker/src/coordinator/group/admin/describe-group.ts'
import { GROUP } from '../../../../../support/classic-shard.ts'
import { beat, joining } from '../../../../../support/consumer-shard.ts'
import { GroupShard } from '../../../../../support/group-shard.ts'

describe('describeGroup', () => {
  it('describes a stable group with its members and what they were assigned', () => {
    const shard = new GroupShard()
    const { memberIds } = shard.stable(2)
    const group = describeGroup(shard.state, GROUP, 6)
    expect(group).toMatchObject({
      errorCode: 0,
      groupState: 'Stable',
      protocolType: 'consumer',
      protocolData: 'range',
    })
    expect(group.members.map(({ memberId }) => memberId)).toEqual(memberIds)
    expect(group.members[1]).toMatchObject({
      groupInstanceId: null,
      clientId: 'client',
      clientHost: '/127.0.0.1',
    })
    expect(Buffer.from(group.members[1]?.memberAssignment ?? []).toString()).toBe('of 1')
    expect(group.members[1]?.memberMetadata.length).toBeGreaterThan(0)
  })

  it('describes a group that has committed offsets only', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 1 })
    const expected = { errorCode: 0, groupState: 'Empty', protocolType: '', members: [] }
    expect(describeGroup(shard.state, GROUP, 6)).toMatchObject(expected)
  })

  it.each([
    [5, 'NONE'],
    [6, 'GROUP_ID_NOT_FOUND'],
  ] as const)('has no classic group to describe: version %i, %s', (apiVersion, error) => {
    const shard = new GroupShard()
    beat(shard, joining('bWVtYmVyLW9uZS1tZW1iZQ', ['orders'], { groupId: 'consumers' }))
    for (const groupId of ['nobody', 'consumers']) {
      const group = describeGroup(shard.state, groupId, apiVersion)
      expect(errorName(group.errorCode)).toBe(error)
      expect(group).toMatchObject({ groupId, groupState: 'Dead', members: [] })
      expect(group.errorMessage === null).toBe(error === 'NONE')
    }
  })
})
