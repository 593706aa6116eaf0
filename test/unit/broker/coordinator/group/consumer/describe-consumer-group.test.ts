import { expect, it } from 'vitest'
import {
  describeConsumerGroup,
  describeState,
} from '../../../../../../packages/broker/src/coordinator/group/consumer/describe-consumer-group.ts'
import {
  askHeartbeat,
  beat,
  consumerGroupOf,
  consumerShard,
  heartbeat,
  joining,
} from '../../../../../support/consumer-shard.ts'
import { imageWith, newTopic, topicIdOf } from '../../../../../support/metadata-image.ts'

const image = imageWith(...newTopic('orders', 2))

it('is Empty, Assigning, Reconciling and Stable in turn', () => {
  const shard = consumerShard(image)
  const state = (): string => describeState(consumerGroupOf(shard))
  shard.holdsResultOf = key => key.endsWith('consumer-assignment')
  askHeartbeat(shard, joining('a', ['orders']))
  expect(state()).toBe('Assigning')
  shard.holdsResultOf = () => false
  shard.releaseResults()
  expect(state()).toBe('Stable')
  beat(shard, joining('b', ['orders']))
  expect(state()).toBe('Reconciling')
  beat(shard, heartbeat({ memberId: 'a', memberEpoch: -1 }))
  beat(shard, heartbeat({ memberId: 'b', memberEpoch: -1 }))
  expect(state()).toBe('Empty')
})

it('tells what each member has and shall have', () => {
  const shard = consumerShard(image)
  beat(shard, joining('a', ['orders'], { rackId: 'r', serverAssignor: 'range' }))
  beat(shard, joining('b', ['orders'], { instanceId: 'i' }))
  const { rules } = shard.moment
  const described = describeConsumerGroup(consumerGroupOf(shard), rules.consumer, image)
  expect(described).toMatchObject({ groupEpoch: 2, assignmentEpoch: 2, assignorName: 'range' })
  const orders = (partitions: number[]) => ({
    topicPartitions: [{ topicId: topicIdOf('orders'), topicName: 'orders', partitions }],
  })
  const member = {
    ...{ clientId: 'client', clientHost: '/127.0.0.1', memberType: 1 },
    ...{ subscribedTopicNames: ['orders'], subscribedTopicRegex: '' },
  }
  expect(described.members).toEqual([
    {
      ...{ ...member, memberId: 'a', instanceId: null, rackId: 'r', memberEpoch: 1 },
      ...{ assignment: orders([0, 1]), targetAssignment: orders([1]) },
    },
    {
      ...{ ...member, memberId: 'b', instanceId: 'i', rackId: null, memberEpoch: 2 },
      ...{ assignment: { topicPartitions: [] }, targetAssignment: orders([0]) },
    },
  ])
})
