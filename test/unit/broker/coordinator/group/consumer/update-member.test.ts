import { describe, expect, it } from 'vitest'
import type { ConsumerGroup } from '../../../../../../packages/broker/src/coordinator/group/consumer/consumer-group.ts'
import type { ConsumerMember } from '../../../../../../packages/broker/src/coordinator/group/consumer/consumer-member.ts'
import { newDraft } from '../../../../../../packages/broker/src/coordinator/group/consumer/draft.ts'
import type { Seat } from '../../../../../../packages/broker/src/coordinator/group/consumer/find-member.ts'
import { currentMetadataHash } from '../../../../../../packages/broker/src/coordinator/group/consumer/subscribed-topics.ts'
import {
  bumpGroupEpoch,
  unusedExpressions,
  updateMember,
} from '../../../../../../packages/broker/src/coordinator/group/consumer/update-member.ts'
import { imageWith, newTopic } from '../../../../../support/metadata-image.ts'
import {
  consumerGroupWith,
  consumerMember,
  partitions,
} from '../../../../../support/pure-consumer-group.ts'

const image = imageWith(...newTopic('orders', 2), ...newTopic('users', 1))
const protocols = [{ name: 'range', metadata: new Uint8Array([1, 2]) }]
const a = consumerMember('a', {
  subscribedTopicNames: ['orders'],
  classic: { sessionTimeoutMs: 10_000, protocols },
})
const matched = { topics: new Set(['orders']), version: 1, timestampMs: 1 }

/** A group at epoch 3. */
function groupOf(...members: readonly ConsumerMember[]): ConsumerGroup {
  const group = consumerGroupWith(...members)
  group.groupEpoch = 3
  group.metadataHash = currentMetadataHash(group, image)
  return group
}

function resolve(group: ConsumerGroup, expression: string): void {
  group.patterns.set(expression, matched)
  group.metadataHash = currentMetadataHash(group, image)
}

function update(group: ConsumerGroup, seat: Seat, changes: Partial<ConsumerMember> = {}) {
  const draft = newDraft()
  const epoch = updateMember(draft, group, { seat, updated: { ...seat.member, ...changes }, image })
  const written = draft.changes.map(change =>
    change.type === 'record'
      ? `${change.record.value === null ? '-' : ''}${change.record.type}`
      : change.type,
  )
  return { draft, epoch, written }
}

const MEMBER = 'ConsumerGroupMemberMetadata'
const EPOCH = 'ConsumerGroupMetadata'
const PATTERN = 'ConsumerGroupRegularExpression'

describe('a member that describes itself', () => {
  it('as before writes nothing, also when it sends the same bytes anew', () => {
    const group = groupOf(a)
    const metadata = new Uint8Array([1, 2])
    const classic = { sessionTimeoutMs: 10_000, protocols: [{ name: 'range', metadata }] }
    const same = { classic, subscribedTopicNames: ['orders'] }
    expect(update(group, { member: a }, same)).toMatchObject({ epoch: 3, written: [] })
  })

  it.each<[string, Partial<ConsumerMember>]>([
    ['name', { instanceId: 'i' }],
    ['rack', { rackId: 'r' }],
    ['client id', { clientId: 'other' }],
    ['host', { clientHost: '/10.0.0.1' }],
    ['rebalance timeout', { rebalanceTimeoutMs: 1 }],
    ['assignor', { serverAssignor: 'range' }],
    ['protocol', { classic: null }],
    ['session timeout', { classic: { sessionTimeoutMs: 1, protocols } }],
    ['list of protocols', { classic: { sessionTimeoutMs: 10_000, protocols: [] } }],
    [
      'metadata',
      {
        classic: {
          sessionTimeoutMs: 10_000,
          protocols: [{ name: 'range', metadata: new Uint8Array([1, 3]) }],
        },
      },
    ],
  ])('with another %s is written, and begins no epoch', (_title, changes) => {
    const group = groupOf(a)
    expect(update(group, { member: a }, changes)).toMatchObject({ epoch: 3, written: [MEMBER] })
  })

  it('with other topics begins an epoch, also when others read them already', () => {
    const group = groupOf(a, consumerMember('b', { subscribedTopicNames: ['orders', 'users'] }))
    const other = { subscribedTopicNames: ['users'] }
    expect(update(group, { member: a }, other)).toMatchObject({
      epoch: 4,
      written: [MEMBER, EPOCH],
    })
  })

  it('begins the first epoch of a group, even when it wants nothing', () => {
    const group = consumerGroupWith()
    const member = consumerMember('a')
    expect(update(group, { member })).toMatchObject({ epoch: 1, written: [MEMBER, EPOCH] })
  })
})

describe('an expression of a member', () => {
  const regex = (subscribedTopicRegex: string | null) => ({ subscribedTopicRegex })

  it('that is none is refused, and nothing is written', () => {
    const { epoch, written } = update(groupOf(a), { member: a }, regex('('))
    expect([epoch, written]).toMatchObject([{ error: 'INVALID_REGULAR_EXPRESSION' }, []])
  })

  it('that others have is not read again: a group that a log brought stays usable', () => {
    const group = groupOf(a, consumerMember('b', regex('(')))
    expect(update(group, { member: a }, regex('(')).epoch).toBe(3)
  })

  it('is refused where the group has as many as it may have, unless others have it', () => {
    const group = groupOf(a)
    for (let count = 0; count < 1_000; count++) group.patternSubscribers.set(`${count}`, 1)
    const { epoch, written } = update(group, { member: a }, regex('o.*'))
    expect([epoch, written]).toMatchObject([{ error: 'INVALID_REGULAR_EXPRESSION' }, []])
    expect(update(group, { member: a }, regex('999')).epoch).toBe(3)
  })

  it('begins an epoch at once when its topics are known, and otherwise only when they are', () => {
    const group = groupOf(a)
    expect(update(group, { member: a }, regex('o.*'))).toMatchObject({ epoch: 3 })
    resolve(group, 'o.*')
    expect(update(group, { member: a }, regex('o.*'))).toMatchObject({ epoch: 4 })
  })

  it('that the member has no more is forgotten when nobody else has it', () => {
    const member = consumerMember('a', regex('o.*'))
    const alone = groupOf(member)
    resolve(alone, 'o.*')
    expect(update(alone, { member }, regex('')).written).toContain(`-${PATTERN}`)
    const shared = groupOf(member, consumerMember('b', regex('o.*')))
    resolve(shared, 'o.*')
    expect(update(shared, { member }, regex('')).written).toEqual([MEMBER])
  })

  it('in the place of another leaves the group at its topics until it is resolved', () => {
    const member = consumerMember('a', regex('o.*'))
    const group = groupOf(member)
    resolve(group, 'o.*')
    expect(update(group, { member }, regex('u.*')).epoch).toBe(3)
  })
})

describe('a member in the place of a static one', () => {
  const former = { ...a, instanceId: 'i', assigned: partitions({ t: [0] }) }
  const member = { ...former, memberId: 'b', memberEpoch: 0, previousMemberEpoch: 0 }

  it('has what that had and shall have, under its own id, at the same epoch of the group', () => {
    const group = groupOf(former)
    group.targets.set('a', partitions({ t: [0, 1] }))
    const { draft, epoch } = update(group, { member, replaces: former })
    expect(epoch).toBe(3)
    const records = draft.changes.flatMap(change => (change.type === 'record' ? change.record : []))
    expect(records.slice(0, 3).map(({ value }) => value)).toEqual([null, null, null])
    expect(records.slice(3)).toMatchObject([
      { type: MEMBER, key: { memberId: 'b' }, value: { instanceId: 'i' } },
      {
        type: 'ConsumerGroupTargetAssignmentMember',
        key: { memberId: 'b' },
        value: { topicPartitions: [{ topicId: 't', partitions: [0, 1] }] },
      },
      {
        type: 'ConsumerGroupCurrentMemberAssignment',
        key: { memberId: 'b' },
        value: { assignedPartitions: [{ topicId: 't', partitions: [0] }] },
      },
    ])
  })

  it('does not inherit its deadlines, under which it would be fenced', () => {
    const { draft } = update(groupOf(former), { member, replaces: former })
    expect(draft.timers).toHaveLength(4)
    for (const timer of draft.timers) expect(timer).toEqual({ cancel: expect.stringMatching(/a$/) })
  })

  it('begins an epoch when it reads other topics', () => {
    const other = { subscribedTopicNames: ['users'] }
    expect(update(groupOf(former), { member, replaces: former }, other).epoch).toBe(4)
  })
})

describe('a new epoch of a group', () => {
  it('is one more, and takes back the topics that Kafka before 4.1 recorded', () => {
    const group = groupOf(a)
    const draft = newDraft()
    expect(bumpGroupEpoch(draft, group, '00000000000000ff')).toBe(4)
    expect(draft.changes).toMatchObject([
      { record: { type: EPOCH, value: { epoch: 4, metadataHash: '00000000000000ff' } } },
    ])
    group.hasPartitionMetadata = true
    bumpGroupEpoch(draft, group, '00000000000000ff')
    expect(draft.changes.at(-1)).toMatchObject({
      record: { type: 'ConsumerGroupPartitionMetadata', value: null },
    })
  })
})

it('expressions are unused whose members all go, and of which something is on record', () => {
  const members = ['x', 'y', 'y', 'z'].map((subscribedTopicRegex, place) =>
    consumerMember(`m${place}`, { subscribedTopicRegex }),
  )
  const group = groupOf(...members)
  for (const expression of ['x', 'y']) group.patterns.set(expression, matched)
  expect(unusedExpressions(group, members, [])).toEqual(['x', 'y'])
  expect(unusedExpressions(group, members.slice(0, 2), [])).toEqual(['x'])
  expect(unusedExpressions(group, members, members.slice(0, 1))).toEqual(['y'])
})
