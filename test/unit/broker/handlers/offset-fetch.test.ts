import { errorName, type OffsetFetchRequest, ZERO_UUID } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { GroupCoordinator } from '../../../../packages/broker/src/handlers/broker-parts.ts'
import type { RequestContext } from '../../../../packages/broker/src/handlers/handler.ts'
import { offsetFetch } from '../../../../packages/broker/src/handlers/offset-fetch.ts'
import { GroupShard } from '../../../support/group-shard.ts'
import { memoryBroker, topicIdOf } from '../../../support/memory-broker.ts'
import { pureGroups, refusingGroups } from '../../../support/pure-groups.ts'

interface Given {
  readonly groups?: GroupCoordinator
  readonly authorize?: RequestContext['authorize']
}

async function ask(version: number, request: Partial<OffsetFetchRequest>, given: Given = {}) {
  const { groups = pureGroups(committed()), authorize = () => true } = given
  const { broker, ask: send } = await memoryBroker({ topics: { orders: 2, other: 1 }, authorize })
  Object.assign(broker, { groups })
  const answer = await send(offsetFetch, version, request as OffsetFetchRequest).answered
  const { topics = [], groups: fetched = [], errorCode = 0 } = answer
  return { topics, groups: fetched, errorCode }
}

function committed(): GroupShard {
  const shard = new GroupShard()
  shard.commit({ 'orders-1': 5, 'other-0': 7 }, { groupId: 'g' })
  // In the brokers of these tests the topics have other ids.
  for (const [topic, index] of [
    ['orders', 0],
    ['other', 1],
  ] as const) {
    const partitions = shard.state.offsets.get('g')?.get(topic)
    for (const [partition, offset] of partitions ?? [])
      partitions?.set(partition, { ...offset, topicId: index === 0 ? ZERO_UUID : topicIdOf(1) })
  }
  shard.image = { ...shard.image, topics: { byId: new Map(), byName: new Map() } }
  return shard
}

const orders = [{ name: 'orders', partitionIndexes: [1] }]
const group = (topics: object | null, words = {}) =>
  ({ groupId: 'g', memberId: null, memberEpoch: -1, topics, ...words }) as never

describe('OffsetFetch', () => {
  it('answers one group at the top, and many in a list', async () => {
    const one = await ask(7, { groupId: 'g', topics: orders })
    expect(one.topics[0]?.partitions[0]?.committedOffset).toBe(5)
    const many = await ask(8, { groups: [group(orders), group(null, { groupId: 'nobody' })] })
    expect(many.groups.map(({ groupId, topics }) => [groupId, topics.length])).toEqual([
      ['g', 1],
      ['nobody', 0],
    ])
  })

  it('names topics by their ids from version 10 on, whether or not the offset says it', async () => {
    const { groups } = await ask(10, { groups: [group(null)] })
    expect(groups[0]?.topics.map(({ topicId }) => topicId)).toEqual([topicIdOf(0), topicIdOf(1)])
    const unknown = [{ name: '', topicId: 'AAAAAAAAAAAAAAAAAAAACQ', partitionIndexes: [3] }]
    const refused = (await ask(10, { groups: [group(unknown)] })).groups[0]?.topics[0]
    expect(refused?.topicId).toBe(unknown[0]?.topicId)
    expect(errorName(refused?.partitions[0]?.errorCode ?? 0)).toBe('UNKNOWN_TOPIC_ID')
  })

  it('hides topics that the client may not describe', async () => {
    const authorize: RequestContext['authorize'] = (_operation, _type, name) => name !== 'orders'
    const all = await ask(8, { groups: [group(null)] }, { authorize })
    expect(all.groups[0]?.topics.map(({ name }) => name)).toEqual(['other'])
    const one = await ask(8, { groups: [group(orders)] }, { authorize })
    const partition = one.groups[0]?.topics[0]?.partitions[0]
    expect(errorName(partition?.errorCode ?? 0)).toBe('TOPIC_AUTHORIZATION_FAILED')
    expect(partition?.committedOffset).toBe(-1)
  })

  it('says an error of the group where the version has a place for it', async () => {
    const groups = refusingGroups('COORDINATOR_LOAD_IN_PROGRESS')
    const first = await ask(1, { groupId: 'g', topics: orders }, { groups })
    expect(errorName(first.topics[0]?.partitions[0]?.errorCode ?? 0)).toBe(
      'COORDINATOR_LOAD_IN_PROGRESS',
    )
    const second = await ask(2, { groupId: 'g', topics: orders }, { groups })
    expect([errorName(second.errorCode), second.topics]).toEqual([
      'COORDINATOR_LOAD_IN_PROGRESS',
      [],
    ])
    const eighth = await ask(8, { groups: [group(orders)] }, { groups })
    expect(eighth.groups[0]).toMatchObject({ topics: [], errorCode: 14 })
  })
})
