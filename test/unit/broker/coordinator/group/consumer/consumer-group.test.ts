import { expect, it } from 'vitest'
import { newConsumerGroup } from '../../../../../../packages/broker/src/coordinator/group/consumer/consumer-group.ts'
import { TOPICS_NOT_LOOKED_AT } from '../../../../../../packages/broker/src/coordinator/group/consumer/subscribed-topics.ts'

it('a consumer group that nobody has joined is at epoch 0, has looked at no topic, and shares nothing', () => {
  const [one, other] = [newConsumerGroup('one'), newConsumerGroup('other')]
  expect(one).toMatchObject({
    ...{ groupEpoch: 0, assignmentEpoch: 0, metadataHash: TOPICS_NOT_LOOKED_AT },
    ...{ hasPartitionMetadata: false, classicMembers: 0 },
  })
  one.soft.awaitedJoins.add('a')
  one.targets.set('a', new Map())
  expect({ ...other, groupId: 'one' }).toEqual(newConsumerGroup('one'))
})
