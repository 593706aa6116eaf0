import { describe, expect, it } from 'vitest'
import { listGroups } from '../../../../../../packages/broker/src/coordinator/group/admin/list-groups.ts'
import { beat, joining } from '../../../../../support/consumer-shard.ts'
import { GroupShard } from '../../../../../support/group-shard.ts'

function shardOfThree() {
  const shard = new GroupShard()
  shard.commit({ 'orders-0': 1 }, { groupId: 'simple' })
  const { memberIds, generationId: generation } = shard.stable(1, { groupId: 'classic' })
  const member = { groupId: 'classic', memberId: memberIds[0] ?? '', generation }
  shard.commit({ 'orders-0': 1 }, member)
  beat(shard, joining('bWVtYmVyLW9uZS1tZW1iZQ', ['orders'], { groupId: 'consumer' }))
  return shard
}

const ids = (shard: GroupShard, states: readonly string[], types: readonly string[]) =>
  listGroups(shard.state, { states, types })
    .map(({ groupId }) => groupId)
    .toSorted()

describe('listGroups', () => {
  it('lists groups of every kind once', () => {
    const listed = listGroups(shardOfThree().state, { states: [], types: [] })
    expect(listed.toSorted((a, b) => (a.groupId < b.groupId ? -1 : 1))).toEqual([
      {
        groupId: 'classic',
        protocolType: 'consumer',
        groupState: 'Stable',
        groupType: 'classic',
      },
      {
        groupId: 'consumer',
        protocolType: 'consumer',
        groupState: 'Stable',
        groupType: 'consumer',
      },
      { groupId: 'simple', protocolType: '', groupState: 'Empty', groupType: 'classic' },
    ])
  })

  it('takes states and types in any case, and both must fit', () => {
    const shard = shardOfThree()
    expect(ids(shard, ['STABLE'], [])).toEqual(['classic', 'consumer'])
    expect(ids(shard, [' empty '], [])).toEqual(['simple'])
    expect(ids(shard, [], ['Classic'])).toEqual(['classic', 'simple'])
    expect(ids(shard, ['stable', 'empty'], ['consumer'])).toEqual(['consumer'])
  })

  it('finds nothing under names that are none', () => {
    expect(ids(shardOfThree(), ['nonsense'], [])).toEqual([])
    expect(ids(shardOfThree(), [''], [])).toEqual([])
    expect(ids(shardOfThree(), [], ['share'])).toEqual([])
  })
})
