import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { createPartitions } from '../../../../packages/broker/src/handlers/create-partitions.ts'
import { makeTopics } from '../../../../packages/broker/src/handlers/create-topics.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

const brokerWith = async (...overrides: string[]) => {
  const broker = await adminBroker(...overrides)
  await makeTopics(broker.parts, [
    { name: 'orders', numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] },
  ])
  const grow = async (topics: object[], validateOnly = false) => {
    const { results } = await broker.ask(createPartitions, 3, {
      topics,
      timeoutMs: 1,
      validateOnly,
    })
    return results.map(({ name, errorCode }) => [name, errorName(errorCode)])
  }
  const count = () => broker.store.image.topics.byName.get('orders')?.partitions.length
  return { ...broker, grow, count }
}

describe('CreatePartitions', () => {
  it('makes as many as there shall be in all', async () => {
    const { grow, count } = await brokerWith()
    expect(await grow([{ name: 'orders', count: 5, assignments: null }])).toEqual([
      ['orders', 'NONE'],
    ])
    expect(count()).toBe(5)
    expect(await grow([{ name: 'orders', count: 6, assignments: [{ brokerIds: [1] }] }])).toEqual([
      ['orders', 'NONE'],
    ])
    expect(count()).toBe(6)
  })

  it.each([
    [{ name: 'orders', count: 2, assignments: null }, 'INVALID_PARTITIONS'],
    [{ name: 'orders', count: 1, assignments: null }, 'INVALID_PARTITIONS'],
    [{ name: 'orders', count: -1, assignments: null }, 'INVALID_PARTITIONS'],
    [{ name: 'orders', count: 2_147_483_647, assignments: null }, 'INVALID_PARTITIONS'],
    [{ name: 'orders', count: 4, assignments: [{ brokerIds: [1] }] }, 'INVALID_REPLICA_ASSIGNMENT'],
    [{ name: 'orders', count: 3, assignments: [{ brokerIds: [2] }] }, 'INVALID_REPLICA_ASSIGNMENT'],
    [
      { name: 'orders', count: 3, assignments: [{ brokerIds: [1, 1] }] },
      'INVALID_REPLICA_ASSIGNMENT',
    ],
    [{ name: 'nope', count: 3, assignments: null }, 'UNKNOWN_TOPIC_OR_PARTITION'],
  ])('answers %j with %s', async (topic, error) => {
    const { grow, count } = await brokerWith()
    expect(await grow([topic])).toEqual([[topic.name, error]])
    expect(count()).toBe(2)
  })

  it('makes nothing when it shall only validate, and refuses a topic named twice', async () => {
    const { grow, count } = await brokerWith()
    const topic = { name: 'orders', count: 3, assignments: null }
    expect(await grow([topic], true)).toEqual([['orders', 'NONE']])
    expect(await grow([topic, topic])).toEqual([['orders', 'INVALID_REQUEST']])
    expect(count()).toBe(2)
  })
})
