import {
  ConsumerGroupDescribe,
  DescribeGroups,
  encodeAssignment,
  encodeSubscription,
  FindCoordinator,
  ZERO_UUID,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Admin } from '../../../../packages/client/src/admin/admin.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'

const NOT_FOUND = 69

function administering() {
  const fake = new FakeCluster()
  fake.always(FindCoordinator, ({ coordinatorKeys }) => ({
    coordinators: coordinatorKeys.map(key => ({
      key,
      nodeId: 1,
      host: 'broker-1',
      port: 9092,
      errorCode: 0,
      errorMessage: null,
    })),
  }))
  fake.always(ConsumerGroupDescribe, ({ groupIds }) => ({
    groups: groupIds.map(groupId => (groupId === 'new' ? consumerGroup : missing(groupId))),
  }))
  fake.always(DescribeGroups, ({ groups }) => ({
    groups: groups.map(groupId => classicGroups[groupId] ?? dead(groupId)),
  }))
  return { fake, clock: fake.platform.clock, admin: new Admin(settingsFor(fake), {}) }
}

const consumerGroup = {
  errorCode: 0,
  groupId: 'new',
  groupState: 'Reconciling',
  groupEpoch: 7,
  assignmentEpoch: 6,
  assignorName: 'uniform',
  members: [
    {
      memberId: 'm-1',
      instanceId: 'i-1',
      rackId: 'r-1',
      memberEpoch: 5,
      clientId: 'c-1',
      clientHost: '/10.0.0.1',
      subscribedTopicNames: ['orders'],
      subscribedTopicRegex: '',
      assignment: {
        topicPartitions: [{ topicId: ZERO_UUID, topicName: 'orders', partitions: [2, 0] }],
      },
      targetAssignment: {
        topicPartitions: [{ topicId: ZERO_UUID, topicName: 'orders', partitions: [0] }],
      },
      memberType: 1,
    },
  ],
}

const missing = (groupId: string) => ({
  errorCode: NOT_FOUND,
  errorMessage: `Group ${groupId} is not a consumer group.`,
  groupId,
  groupState: '',
  groupEpoch: 0,
  assignmentEpoch: 0,
  assignorName: '',
  members: [],
})

const dead = (groupId: string) => ({
  errorCode: 0,
  groupId,
  groupState: 'Dead',
  protocolType: '',
  protocolData: '',
  members: [],
})

const member = (memberMetadata: Buffer, memberAssignment: Buffer) => ({
  memberId: 'm-2',
  groupInstanceId: null,
  clientId: 'c-2',
  clientHost: '/10.0.0.2',
  memberMetadata,
  memberAssignment,
})

const classicGroups: { readonly [groupId: string]: ReturnType<typeof dead> & object } = {
  old: {
    errorCode: 0,
    groupId: 'old',
    groupState: 'Stable',
    protocolType: 'consumer',
    protocolData: 'range',
    members: [
      member(
        encodeSubscription(3, { topics: ['orders'], rackId: 'r-2' }),
        encodeAssignment(3, { assignedPartitions: [{ topic: 'orders', partitions: [1, 0] }] }),
      ),
      member(Buffer.from([0]), Buffer.from('not ours')),
    ] as never,
  },
  connect: {
    errorCode: 0,
    groupId: 'connect',
    groupState: 'Stable',
    protocolType: 'connect',
    protocolData: 'sessioned',
    members: [member(Buffer.from([1, 2]), Buffer.from([3, 4]))] as never,
  },
}

describe('describeGroups', () => {
  it('describes KIP-848 groups with epochs, assignments and targets', async () => {
    const { fake, clock, admin } = administering()
    const described = watch(admin.describeGroups(['new']))
    await clock.settle()
    expect(described.value()).toEqual([
      {
        groupId: 'new',
        type: 'consumer',
        protocolType: 'consumer',
        state: 'Reconciling',
        assignor: 'uniform',
        groupEpoch: 7,
        assignmentEpoch: 6,
        coordinatorId: 1,
        members: [
          {
            memberId: 'm-1',
            groupInstanceId: 'i-1',
            clientId: 'c-1',
            host: '/10.0.0.1',
            rackId: 'r-1',
            protocol: 'consumer',
            memberEpoch: 5,
            subscribedTopics: ['orders'],
            subscribedPattern: null,
            assignment: [
              { topic: 'orders', partition: 0 },
              { topic: 'orders', partition: 2 },
            ],
            targetAssignment: [{ topic: 'orders', partition: 0 }],
          },
        ],
        error: undefined,
      },
    ])
    expect(fake.requestsOf(DescribeGroups)).toEqual([])
  })

  it('describes classic groups, and reads what their consumers say to each other', async () => {
    const { clock, admin } = administering()
    const described = watch(admin.describeGroups(['old', 'new', 'connect']))
    await clock.settle()
    const [old, recent, connect] = described.value()
    expect(old).toMatchObject({
      type: 'classic',
      state: 'Stable',
      assignor: 'range',
      groupEpoch: -1,
    })
    expect(old?.members[0]).toMatchObject({
      rackId: 'r-2',
      protocol: 'classic',
      memberEpoch: -1,
      subscribedTopics: ['orders'],
      assignment: [
        { topic: 'orders', partition: 0 },
        { topic: 'orders', partition: 1 },
      ],
    })
    expect(old?.members[1]).toMatchObject({ subscribedTopics: [], assignment: [] })
    expect(recent?.type).toBe('consumer')
    expect(connect).toMatchObject({ protocolType: 'connect', members: [{ assignment: [] }] })
  })

  it('says of a group that it does not exist, whichever way the broker says so', async () => {
    const { fake, clock, admin } = administering()
    fake.next(DescribeGroups, () => ({
      groups: [{ ...dead('a'), errorCode: NOT_FOUND, errorMessage: 'Group a not found.' }],
    }))
    const first = watch(admin.describeGroups(['a']))
    await clock.settle()
    const second = watch(admin.describeGroups(['a']))
    await clock.settle()
    expect(first.value()[0]?.error?.code).toBe('GROUP_ID_NOT_FOUND')
    expect(first.value()[0]?.error?.message).toContain('Group a not found.')
    expect(second.value()[0]?.error?.code).toBe('GROUP_ID_NOT_FOUND')
  })

  it('asks brokers before KIP-848 for classic groups', async () => {
    const { fake, clock } = administering()
    fake.versions.set(ConsumerGroupDescribe.key, undefined)
    const described = watch(new Admin(settingsFor(fake), {}).describeGroups(['old']))
    await clock.settle()
    expect(described.value()[0]).toMatchObject({ state: 'Stable', error: undefined })
  })

  it('keeps errors that are no question of the protocol', async () => {
    const { fake, clock, admin } = administering()
    fake.next(ConsumerGroupDescribe, () => ({ groups: [{ ...missing('a'), errorCode: 30 }] }))
    const described = watch(admin.describeGroups(['a']))
    await clock.settle()
    expect(described.value()[0]?.error?.code).toBe('GROUP_AUTHORIZATION_FAILED')
    expect(fake.requestsOf(DescribeGroups)).toEqual([])
  })
})
