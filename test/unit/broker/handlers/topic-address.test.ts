import { describe, expect, it } from 'vitest'
import {
  leaderEpochError,
  ledPartition,
  topicOf,
  unknownTopic,
} from '../../../../packages/broker/src/handlers/topic-address.ts'
import { memoryBroker, topicIdOf } from '../../../support/memory-broker.ts'

describe('addressing', () => {
  it('finds topics by name and by id, and says which of them is unknown', async () => {
    const { broker } = await memoryBroker({ topics: { orders: 1 } })
    expect(topicOf(broker, 'names', 'orders')?.topicId).toBe(topicIdOf(0))
    expect(topicOf(broker, 'ids', topicIdOf(0))?.name).toBe('orders')
    expect(topicOf(broker, 'names', topicIdOf(0))).toBeUndefined()
    expect([unknownTopic('names'), unknownTopic('ids')]).toEqual([
      'UNKNOWN_TOPIC_OR_PARTITION',
      'UNKNOWN_TOPIC_ID',
    ])
  })

  it('finds partitions that this broker leads', async () => {
    const { broker, partition } = await memoryBroker({ topics: { orders: 1 } })
    const topic = topicOf(broker, 'names', 'orders')
    if (topic === undefined) throw new Error('there is a topic')
    expect(ledPartition(broker, topic, 0)).toBe(partition('orders', 0))
    expect(ledPartition(broker, topic, 1)).toBe('UNKNOWN_TOPIC_OR_PARTITION')
    const elsewhere = {
      ...topic,
      partitions: topic.partitions.map(image => ({ ...image, leader: 2 })),
    }
    expect(ledPartition(broker, elsewhere, 0)).toBe('NOT_LEADER_OR_FOLLOWER')
    const nowhere = {
      ...topic,
      partitions: topic.partitions.map(image => ({ ...image, leader: -1 })),
    }
    expect(ledPartition(broker, nowhere, 0)).toBe('LEADER_NOT_AVAILABLE')
  })

  it('compares leader epochs (KIP-320)', () => {
    expect([-1, 4, 5, 6].map(epoch => leaderEpochError(epoch, 5))).toEqual([
      undefined,
      'FENCED_LEADER_EPOCH',
      undefined,
      'UNKNOWN_LEADER_EPOCH',
    ])
  })
})
