import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { GroupCoordinator } from '../../../../packages/broker/src/handlers/broker-parts.ts'
import type { RequestContext } from '../../../../packages/broker/src/handlers/handler.ts'
import { offsetDelete } from '../../../../packages/broker/src/handlers/offset-delete.ts'
import { GroupShard } from '../../../support/group-shard.ts'
import { memoryBroker } from '../../../support/memory-broker.ts'
import { pureGroups, refusingGroups } from '../../../support/pure-groups.ts'

async function remove(groups: GroupCoordinator, authorize: RequestContext['authorize']) {
  const { broker, ask } = await memoryBroker({ topics: {}, authorize })
  Object.assign(broker, { groups })
  const topics = ['orders', 'other'].map(name => ({ name, partitions: [{ partitionIndex: 0 }] }))
  return await ask(offsetDelete, 0, { groupId: 'g', topics }).answered
}

describe('OffsetDelete', () => {
  it('answers for each partition, and leaves alone what the client may not read', async () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 5, 'other-0': 7 }, { groupId: 'g' })
    const answer = await remove(pureGroups(shard), (_operation, _type, name) => name !== 'other')
    expect(errorName(answer.errorCode)).toBe('NONE')
    expect(
      answer.topics.map(({ name, partitions }) => [name, errorName(partitions[0]?.errorCode ?? 0)]),
    ).toEqual([
      ['orders', 'NONE'],
      ['other', 'TOPIC_AUTHORIZATION_FAILED'],
    ])
    expect(shard.committed('g')).toEqual({ 'other-0': 7 })
  })

  it('says an error of the group alone', async () => {
    const nobody = await remove(pureGroups(new GroupShard()), () => true)
    expect([errorName(nobody.errorCode), nobody.topics]).toEqual(['GROUP_ID_NOT_FOUND', []])
    const refused = await remove(refusingGroups('NOT_COORDINATOR'), () => true)
    expect([errorName(refused.errorCode), refused.topics]).toEqual(['NOT_COORDINATOR', []])
  })

  it('asks for the permission to delete the group', async () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 5 }, { groupId: 'g' })
    const answer = await remove(pureGroups(shard), operation => operation !== 'Delete')
    expect(errorName(answer.errorCode)).toBe('GROUP_AUTHORIZATION_FAILED')
    expect(shard.committed('g')).toEqual({ 'orders-0': 5 })
  })
})
