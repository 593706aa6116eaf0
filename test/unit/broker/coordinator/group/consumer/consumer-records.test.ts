import { decodeGroupRecord, encodeGroupRecord } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { GroupChange } from '../../../../../../packages/broker/src/coordinator/group/change.ts'
import { applyConsumerRecord } from '../../../../../../packages/broker/src/coordinator/group/consumer/apply-consumer-record.ts'
import {
  assignmentEpochRecord,
  type ConsumerGroupRecord,
  consumerGroupTombstones,
  currentAssignmentRecord,
  groupEpochRecord,
  memberRecord,
  memberTombstones,
  partitionMetadataTombstone,
  patternRecord,
  patternTombstone,
  targetRecord,
} from '../../../../../../packages/broker/src/coordinator/group/consumer/consumer-records.ts'
import { emptyGroupState } from '../../../../../../packages/broker/src/coordinator/group/state.ts'
import { GROUP } from '../../../../../support/consumer-shard.ts'
import { topicIdOf } from '../../../../../support/metadata-image.ts'
import {
  consumerGroupWith,
  consumerMember,
  partitions,
} from '../../../../../support/pure-consumer-group.ts'

const orders = topicIdOf('orders')
const whole = consumerMember('a', {
  instanceId: 'i',
  rackId: 'r',
  clientId: 'client',
  clientHost: '/127.0.0.1',
  subscribedTopicNames: ['orders', 'users'],
  subscribedTopicRegex: 'o.*',
  rebalanceTimeoutMs: 60_000,
  serverAssignor: 'range',
  classic: {
    sessionTimeoutMs: 10_000,
    protocols: [{ name: 'range', metadata: new Uint8Array([1, 2]) }],
  },
  memberEpoch: 4,
  previousMemberEpoch: 3,
  state: 'UNREVOKED_PARTITIONS',
  assigned: partitions({ [orders]: [0, 2] }),
  pendingRevocation: partitions({ [orders]: [1] }),
})

/** What the changes make of a state, by way of their bytes. */
function groupAfter(...changes: readonly GroupChange[]) {
  const state = emptyGroupState()
  for (const change of changes) {
    if (change.type !== 'record') throw new Error('it is not hard')
    const { key, value } = encodeGroupRecord(change.record)
    applyConsumerRecord(state, decodeGroupRecord(key, value) as ConsumerGroupRecord)
  }
  const group = state.groups.get(GROUP)
  return group?.kind === 'consumer' ? group : undefined
}

describe('the records of a consumer group', () => {
  it('bring a member back as it was, through their bytes', () => {
    const group = groupAfter(memberRecord(GROUP, whole), currentAssignmentRecord(GROUP, whole))
    expect(group?.members.get('a')).toEqual(whole)
  })

  it('bring back epochs, targets and what expressions matched', () => {
    const topics = new Set(['users', 'orders'])
    const pattern = { topics, version: 3, timestampMs: 1_700_000_000_000 }
    const group = groupAfter(
      groupEpochRecord(GROUP, 5, '0000000000000abc'),
      targetRecord(GROUP, 'a', whole.assigned),
      assignmentEpochRecord(GROUP, 4),
      patternRecord(GROUP, 'o.*', pattern),
    )
    expect(group).toMatchObject({ groupEpoch: 5, assignmentEpoch: 4 })
    expect(group?.targets.get('a')).toEqual(whole.assigned)
    expect(group?.patterns.get('o.*')).toEqual(pattern)
  })
})

describe('tombstones', () => {
  const written = [
    groupEpochRecord(GROUP, 5, '0000000000000abc'),
    memberRecord(GROUP, whole),
    targetRecord(GROUP, 'a', whole.assigned),
    currentAssignmentRecord(GROUP, whole),
    patternRecord(GROUP, 'o.*', { topics: new Set(), version: 1, timestampMs: 1 }),
  ]

  it('of a member leave nothing of it', () => {
    const group = groupAfter(...written, ...memberTombstones(GROUP, 'a'))
    expect(group).toMatchObject({ members: new Map(), targets: new Map(), owners: new Map() })
    expect(group?.classicMembers).toBe(0)
    expect(group?.patterns.size).toBe(1)
  })

  it('of an expression leave the others', () => {
    const other = patternRecord(GROUP, 'u.*', { topics: new Set(), version: 1, timestampMs: 1 })
    const group = groupAfter(...written, other, patternTombstone(GROUP, 'o.*'))
    expect([...(group?.patterns.keys() ?? [])]).toEqual(['u.*'])
  })

  it('of a group name every key that was written of it, those of a member that has only a target too', () => {
    const group = consumerGroupWith(whole)
    group.targets.set('a', whole.assigned).set('only a target', new Map())
    group.patterns.set('o.*', { topics: new Set(), version: 1, timestampMs: 1 })
    const keysOf = (changes: readonly GroupChange[]) =>
      changes.map(change =>
        change.type === 'record' ? encodeGroupRecord(change.record).key.toString('hex') : '',
      )
    const target = targetRecord(GROUP, 'only a target', new Map())
    const all = [...written, target, assignmentEpochRecord(GROUP, 4)]
    const taken = keysOf(consumerGroupTombstones(group))
    for (const key of keysOf(all)) expect(taken).toContain(key)
    const former = keysOf([partitionMetadataTombstone(GROUP)])[0]
    expect(taken).not.toContain(former)
    group.hasPartitionMetadata = true
    expect(keysOf(consumerGroupTombstones(group))).toContain(former)
  })
})
