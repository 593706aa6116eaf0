import { errorName, OffsetCommit, type RequestInput } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { GroupCoordinator } from '../../../../packages/broker/src/handlers/broker-parts.ts'
import type { RequestContext } from '../../../../packages/broker/src/handlers/handler.ts'
import { offsetCommit } from '../../../../packages/broker/src/handlers/offset-commit.ts'
import { GroupShard } from '../../../support/group-shard.ts'
import { memoryBroker, topicIdOf } from '../../../support/memory-broker.ts'
import { pureGroups, refusingGroups } from '../../../support/pure-groups.ts'

type Topics = RequestInput<typeof OffsetCommit>['topics']

interface Given {
  readonly version?: number
  readonly groups?: GroupCoordinator
  readonly authorize?: RequestContext['authorize']
}

/** What each partition is answered, by `topic-partition`. */
async function commit(topics: Topics, given: Given = {}) {
  const { version = 9, groups = pureGroups(new GroupShard()), authorize = () => true } = given
  const { broker, ask } = await memoryBroker({ topics: { orders: 2, other: 1 }, authorize })
  Object.assign(broker, { groups })
  const answer = await ask(offsetCommit, version, { groupId: 'g', topics }).answered
  return Object.fromEntries(
    answer.topics.flatMap(({ name, topicId, partitions }) =>
      partitions.map(({ partitionIndex, errorCode }) => [
        `${version < 10 ? name : topicId}-${partitionIndex}`,
        errorName(errorCode),
      ]),
    ),
  )
}

const at = (partitionIndex: number) => ({
  partitionIndex,
  committedOffset: 1,
  committedMetadata: null,
})
const unknownId = 'AAAAAAAAAAAAAAAAAAAACQ'

describe('OffsetCommit', () => {
  it('names topics, and with version 10 their ids', async () => {
    const shard = new GroupShard()
    const groups = pureGroups(shard)
    expect(await commit([{ name: 'orders', partitions: [at(1)] }], { groups })).toEqual({
      'orders-1': 'NONE',
    })
    const topicId = topicIdOf(1)
    const byId = [{ topicId, partitions: [at(0)] }]
    expect(await commit(byId, { groups, version: 10 })).toEqual({ [`${topicId}-0`]: 'NONE' })
    expect(shard.state.offsets.get('g')?.get('other')?.get(0)?.topicId).toBe(topicId)
  })

  it('does not know topics that are not there', async () => {
    expect(await commit([{ name: 'none', partitions: [at(1)] }])).toEqual({
      'none-1': 'UNKNOWN_TOPIC_OR_PARTITION',
    })
    expect(await commit([{ topicId: unknownId, partitions: [at(1)] }], { version: 10 })).toEqual({
      [`${unknownId}-1`]: 'UNKNOWN_TOPIC_ID',
    })
  })

  it('commits what the client may read, and tells nothing of the rest', async () => {
    const authorize: RequestContext['authorize'] = (_operation, type, name) =>
      type === 'Group' || name === 'orders'
    const topics = ['orders', 'other', 'none'].map(name => ({ name, partitions: [at(0)] }))
    expect(await commit(topics, { authorize })).toEqual({
      'orders-0': 'NONE',
      'other-0': 'TOPIC_AUTHORIZATION_FAILED',
      'none-0': 'TOPIC_AUTHORIZATION_FAILED',
    })
  })

  it('refuses everything to a client that may not read the group', async () => {
    const authorize: RequestContext['authorize'] = (_operation, type) => type !== 'Group'
    const topics = ['orders', 'none'].map(name => ({ name, partitions: [at(0)] }))
    expect(await commit(topics, { authorize })).toEqual({
      'orders-0': 'GROUP_AUTHORIZATION_FAILED',
      'none-0': 'GROUP_AUTHORIZATION_FAILED',
    })
  })

  it('says for every partition that the coordinator refuses', async () => {
    const groups = refusingGroups('NOT_COORDINATOR')
    expect(await commit([{ name: 'orders', partitions: [at(0), at(9)] }], { groups })).toEqual({
      'orders-0': 'NOT_COORDINATOR',
      'orders-9': 'UNKNOWN_TOPIC_OR_PARTITION',
    })
  })
})
