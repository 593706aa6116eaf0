import { describe, expect, it } from 'vitest'
import { applyConsumerRecord } from '../../../../../../packages/broker/src/coordinator/group/consumer/apply-consumer-record.ts'
import {
  type ConsumerGroupRecord,
  consumerGroupTombstones,
} from '../../../../../../packages/broker/src/coordinator/group/consumer/consumer-records.ts'
import { emptyGroupState } from '../../../../../../packages/broker/src/coordinator/group/state.ts'

const groupId = 'billing'
const key = { groupId, memberId: 'a' }
const metadata = (words: object = {}) =>
  ({
    type: 'ConsumerGroupMemberMetadata',
    key,
    value: {
      instanceId: null,
      rackId: null,
      clientId: 'client',
      clientHost: '/127.0.0.1',
      subscribedTopicNames: ['users', 'orders', 'users'],
      subscribedTopicRegex: null,
      rebalanceTimeoutMs: 60_000,
      serverAssignor: null,
      classicMemberMetadata: null,
      ...words,
    },
  }) satisfies ConsumerGroupRecord
const current = (words: object = {}) =>
  ({
    type: 'ConsumerGroupCurrentMemberAssignment',
    key,
    value: {
      memberEpoch: 3,
      previousMemberEpoch: 2,
      state: 0,
      assignedPartitions: [{ topicId: 't', partitions: [1, 0] }],
      partitionsPendingRevocation: [],
      ...words,
    },
  }) satisfies ConsumerGroupRecord
const epoch = { type: 'ConsumerGroupMetadata', key: { groupId } } as const

function groupAfter(...records: readonly ConsumerGroupRecord[]) {
  const state = emptyGroupState()
  for (const record of records) applyConsumerRecord(state, record)
  const group = state.groups.get(groupId)
  return group?.kind === 'consumer' ? group : undefined
}

describe('records of a consumer group, read again', () => {
  it('make the group whichever of them compaction has left first', () => {
    const records = [current(), metadata(), { ...epoch, value: { epoch: 3, metadataHash: 'h' } }]
    const one = groupAfter(...records)
    const other = groupAfter(...records.toReversed())
    expect(one).toMatchObject({ groupEpoch: 3, metadataHash: 'h' })
    expect(one?.members.get('a')).toMatchObject({ memberEpoch: 3, clientId: 'client' })
    expect(other?.members).toEqual(one?.members)
  })

  it('that take something back make no group', () => {
    const tombstones = [metadata(), current(), epoch].map(record => ({ ...record, value: null }))
    expect(groupAfter(...tombstones)).toBeUndefined()
  })

  it('end the group with its epoch', () => {
    const begun = { ...epoch, value: { epoch: 1, metadataHash: 'h' } }
    expect(groupAfter(begun, metadata(), { ...epoch, value: null })).toBeUndefined()
  })

  it('list the topics of a member in order, once each', () => {
    const member = groupAfter(metadata())?.members.get('a')
    expect(member?.subscribedTopicNames).toEqual(['orders', 'users'])
  })

  it('keep one subscription that members share once', () => {
    const second = { ...metadata(), key: { groupId, memberId: 'b' } }
    const other = { ...metadata({ subscribedTopicNames: [] }), key: { groupId, memberId: 'c' } }
    const members = groupAfter(metadata(), second, other)?.members
    const names = ['a', 'b', 'c'].map(id => members?.get(id)?.subscribedTopicNames)
    expect(names[0]).toBe(names[1])
    expect(names[2]).toEqual([])
  })

  it('keep the protocols of a classic member apart from the bytes of the log', () => {
    const bytes = new Uint8Array([1, 2, 3])
    const supportedProtocols = [{ name: 'range', metadata: bytes.subarray(1) }]
    const classicMemberMetadata = { sessionTimeoutMs: 10_000, supportedProtocols }
    const group = groupAfter(metadata({ classicMemberMetadata }))
    bytes.fill(9)
    expect(group?.classicMembers).toBe(1)
    expect(group?.members.get('a')?.classic).toEqual({
      sessionTimeoutMs: 10_000,
      protocols: [{ name: 'range', metadata: new Uint8Array([2, 3]) }],
    })
  })

  it('take what a member has when it is about to go, so that another may have it', () => {
    const group = groupAfter(metadata(), current(), { ...current(), value: null })
    expect(group?.owners.size).toBe(0)
    expect(group?.members.get('a')).toMatchObject({ memberEpoch: -1, assigned: new Map() })
    expect(groupAfter(current(), { ...metadata(), value: null })?.members.size).toBe(0)
  })

  it('say of a state from a later version that it is not known', () => {
    expect(groupAfter(current({ state: 9 }))?.members.get('a')?.state).toBe('UNKNOWN')
  })

  it('keep targets, the epoch they are for, and what expressions matched', () => {
    const target = { type: 'ConsumerGroupTargetAssignmentMember', key } as const
    const value = { topicPartitions: [{ topicId: 't', partitions: [4] }] }
    const targets = { type: 'ConsumerGroupTargetAssignmentMetadata', key: { groupId } } as const
    const pattern = {
      type: 'ConsumerGroupRegularExpression',
      key: { groupId, regularExpression: 'o.*' },
      value: { topics: ['orders'], version: 12, timestamp: 99 },
    } as const
    const all = [{ ...target, value }, { ...targets, value: { assignmentEpoch: 7 } }, pattern]
    const group = groupAfter(...all)
    expect(group?.targets.get('a')).toEqual(new Map([['t', [4]]]))
    expect(group?.assignmentEpoch).toBe(7)
    const topics = new Set(['orders'])
    expect(group?.patterns.get('o.*')).toEqual({ topics, version: 12, timestampMs: 99 })
    const gone = groupAfter(...all, ...all.map(record => ({ ...record, value: null })))
    expect([gone?.targets.size, gone?.assignmentEpoch, gone?.patterns.size]).toEqual([0, 0, 0])
  })

  it('remember the topics that Kafka before 4.1 recorded until they are taken back', () => {
    const former = { type: 'ConsumerGroupPartitionMetadata', key: { groupId } } as const
    const written = { ...former, value: { topics: [] } }
    expect(groupAfter(written)?.hasPartitionMetadata).toBe(true)
    expect(groupAfter(written, { ...former, value: null })?.hasPartitionMetadata).toBe(false)
  })

  it('take the place of a classic group of the same name', () => {
    const state = emptyGroupState()
    state.groups.set(groupId, { kind: 'classic', groupId } as never)
    applyConsumerRecord(state, { ...metadata(), value: null })
    expect(state.groups.get(groupId)?.kind).toBe('classic')
    applyConsumerRecord(state, metadata())
    expect(state.groups.get(groupId)?.kind).toBe('consumer')
  })

  it('of a whole group are all taken back by its tombstones', () => {
    const records = [metadata(), current(), { ...epoch, value: { epoch: 1, metadataHash: 'h' } }]
    const state = emptyGroupState()
    for (const record of records) applyConsumerRecord(state, record)
    const group = state.groups.get(groupId)
    if (group?.kind !== 'consumer') throw new Error('there is no group')
    for (const change of consumerGroupTombstones(group)) {
      if (change.type === 'record') applyConsumerRecord(state, change.record as ConsumerGroupRecord)
    }
    expect(state.groups.size).toBe(0)
  })
})
