import { ConsumerGroupDescribe, ConsumerGroupHeartbeat, type RequestInput } from '@varve/protocol'
import { expect } from 'vitest'
import { casesOf, expectError, first } from './case.ts'

type Heartbeat = RequestInput<typeof ConsumerGroupHeartbeat>

const joining = (groupId: string, topic: string): Heartbeat => ({
  groupId,
  memberId: 'member',
  memberEpoch: 0,
  rebalanceTimeoutMs: 60_000,
  subscribedTopicNames: [topic],
  topicPartitions: [],
})

export const consumerGroupHeartbeatCases = casesOf(ConsumerGroupHeartbeat, {
  'gives who joins its assignment at once, and takes who leaves out': async at => {
    const groupId = at.newName()
    const topic = await at.newTopic()
    const joined = await at.ask(joining(groupId, topic.name))
    expectError(joined.errorCode, 'NONE')
    expect(joined).toMatchObject({
      memberId: 'member',
      memberEpoch: 1,
      heartbeatIntervalMs: 5000,
      assignment: { topicPartitions: [{ topicId: topic.topicId, partitions: [0] }] },
    })
    const alive = await at.ask({ groupId, memberId: 'member', memberEpoch: 1 })
    expect(alive).toMatchObject({ errorCode: 0, memberEpoch: 1, assignment: null })
    const left = await at.ask({ groupId, memberId: 'member', memberEpoch: -1 })
    expect(left).toMatchObject({ errorCode: 0, memberEpoch: -1 })
  },
  'makes up a member id': {
    until: 0,
    run: async at => {
      const joined = await at.ask({ ...joining(at.newName(), at.orders.name), memberId: '' })
      expectError(joined.errorCode, 'NONE')
      expect(joined.memberId).toMatch(/.{20}/)
    },
  },
  'subscribes by a regular expression': {
    since: 1,
    run: async at => {
      const topic = await at.newTopic()
      const asked = joining(at.newName(), topic.name)
      const subscribedTopicRegex = `${topic.name}$`
      const joined = await at.ask({ ...asked, subscribedTopicNames: null, subscribedTopicRegex })
      expect(joined.assignment?.topicPartitions).toEqual([
        { topicId: topic.topicId, partitions: [0] },
      ])
    },
  },
  'refuses a group and a topic that the caller may not have': async at => {
    const groupId = at.newName()
    at.deny(action => action === `Read Group ${groupId}`)
    const ofGroup = await at.ask(joining(groupId, at.orders.name))
    expectError(ofGroup.errorCode, 'GROUP_AUTHORIZATION_FAILED')
    at.deny(action => action === `Describe Topic ${at.orders.name}`)
    const ofTopic = await at.ask(joining(groupId, at.orders.name))
    expectError(ofTopic.errorCode, 'TOPIC_AUTHORIZATION_FAILED')
  },
  'refuses a member of a group that is not there': async at => {
    const answer = await at.ask({ groupId: at.newName(), memberId: 'member', memberEpoch: 1 })
    expectError(answer.errorCode, 'GROUP_ID_NOT_FOUND')
  },
})

export const consumerGroupDescribeCases = casesOf(ConsumerGroupDescribe, {
  'does not know a group that is not there': async at => {
    const groupId = at.newName()
    const group = first(
      (await at.ask({ groupIds: [groupId], includeAuthorizedOperations: false })).groups,
    )
    expectError(group.errorCode, 'GROUP_ID_NOT_FOUND')
    expect(group).toMatchObject({ groupId, members: [], groupState: '' })
  },
  'refuses a group that the caller may not describe': async at => {
    const groupId = at.newName()
    at.deny(action => action === `Describe Group ${groupId}`)
    const asked = { groupIds: [groupId], includeAuthorizedOperations: true }
    const group = first((await at.ask(asked)).groups)
    expectError(group.errorCode, 'GROUP_AUTHORIZATION_FAILED')
  },
})
