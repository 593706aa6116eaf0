import { describe, expect, it } from 'vitest'
import { KraftState } from '../../../../packages/broker/src/metadata/kraft-state.ts'
import {
  KRAFT_TOPIC_ID,
  kraftConfig,
  kraftPartitionChange,
  kraftRecord,
  kraftTopic,
} from '../../../support/kraft-records.ts'

const SAME_LEADER = -2
const topicOf = (state: KraftState) => state.topics.get(KRAFT_TOPIC_ID)

describe("the state of Kafka's metadata", () => {
  it('begins a leader epoch with every leader that is said, and none otherwise', () => {
    const changes = [
      kraftPartitionChange(-1),
      kraftPartitionChange(SAME_LEADER),
      kraftPartitionChange(1),
    ]
    const partition = topicOf(
      new KraftState([...kraftTopic('orders'), ...changes]),
    )?.partitions.get(0)
    expect(partition).toMatchObject({
      leader: 1,
      leaderEpoch: 6,
      partitionEpoch: 12,
      replicas: [1],
    })
  })

  it('forgets the settings of a topic with it, whatever comes to have its name', () => {
    const topicId = 'AAAAAAAAAAAAAAAAAAAACg'
    const state = new KraftState([
      ...kraftTopic('orders', { topicId }),
      kraftConfig('orders', 'retention.ms', '1'),
      kraftRecord({ type: 'RemoveTopicRecord', version: 0, record: { topicId } }),
      ...kraftTopic('orders'),
      kraftConfig('orders', 'segment.ms', '2'),
      kraftConfig('orders', 'segment.bytes', '3'),
      kraftConfig('orders', 'segment.bytes', null),
    ])
    expect([...state.topics.keys()]).toEqual([KRAFT_TOPIC_ID])
    expect([...(topicOf(state)?.configs.keys() ?? [])]).toEqual(['segment.ms'])
  })

  it('has no broker that was unregistered, and no token that was taken back', () => {
    const token = {
      tokenId: 't',
      owner: 'User:a',
      requester: 'User:a',
      renewers: [],
      issueTimestamp: 0,
    }
    const state = new KraftState([
      kraftRecord({
        type: 'DelegationTokenRecord',
        version: 0,
        record: { ...token, maxTimestamp: 1, expirationTimestamp: 1 },
      }),
      kraftRecord({ type: 'RemoveDelegationTokenRecord', version: 0, record: { tokenId: 't' } }),
      kraftRecord({
        type: 'UnregisterBrokerRecord',
        version: 0,
        record: { brokerId: 2, brokerEpoch: 1 },
      }),
    ])
    expect([state.kept.size, state.brokers.size]).toEqual([0, 0])
  })

  it('is not changed by what says nothing of what is there', () => {
    const state = new KraftState([
      kraftRecord({ type: 'NoOpRecord', version: 0, record: {} }),
      kraftPartitionChange(1),
      kraftConfig('unknown', 'retention.ms', '1'),
    ])
    expect([state.topics.size, state.others.length]).toEqual([0, 0])
  })
})
