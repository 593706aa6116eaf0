import { encodeAssignment, type GroupRecord } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { MemberEvent, MemberHistory } from '../../interop/groups/member.ts'
import { verdictOf } from '../../interop/groups/offsets-log.ts'
import { faultsOfOwnership } from '../../interop/groups/ownership-check.ts'
import { faultsOfReading } from '../../interop/groups/reading-check.ts'

const member = (name: string, ...events: MemberEvent[]): MemberHistory => ({ name, events })
const assigned = (at: number, ...partitions: number[]): MemberEvent => ({
  at,
  event: 'assigned',
  partitions,
})
const revoked = (at: number, ...partitions: number[]): MemberEvent => ({
  at,
  event: 'revoked',
  partitions,
})
const read = (at: number, offset: number, ...values: number[]): MemberEvent => ({
  at,
  event: 'read',
  partition: 0,
  offset,
  values,
})
const committed = (at: number, offset: number): MemberEvent => ({
  at,
  event: 'committed',
  offsets: { 0: offset },
})
const happened = (at: number, event: 'killed' | 'stopped' | 'resumed'): MemberEvent => ({
  at,
  event,
})

describe('what members read', () => {
  const faults = (...members: MemberHistory[]) => faultsOfReading(members, [4], 'after a kill')

  it('is right when one goes on where the other committed', () => {
    const one = member('one', read(1, 0, 0, 1), committed(2, 2))
    expect(faults(one, member('other', read(3, 2, 2, 3)))).toEqual([])
  })

  it('is wrong when records are left out, at the end too', () => {
    expect(faults(member('one', read(1, 0, 0), read(2, 2, 2, 3)))).toEqual([
      'partition 0: one read 2 where 1 was next',
    ])
    expect(faults(member('one', read(1, 0, 0, 1)))).toEqual(['partition 0 was read up to 2 of 4'])
  })

  it('is wrong when a value is not the one that was written there', () => {
    expect(faults(member('one', read(1, 0, 0, 1, 3, 2)))[0]).toContain('as 0,1,3,2')
  })

  it('is read again only by who comes after one that was killed, and only from what is committed', () => {
    const one = [read(1, 0, 0, 1), committed(2, 1)]
    const other = member('other', read(4, 1, 1, 2, 3))
    expect(faults(member('one', ...one), other)[0]).toContain('one was not killed')
    expect(faults(member('one', ...one, happened(3, 'killed')), other)).toEqual([])
    const early = member('other', read(4, 0, 0, 1, 2, 3))
    expect(faults(member('one', ...one, happened(3, 'killed')), early)[0]).toContain(
      '1 was committed',
    )
  })

  it('does not count what a stopped member hands out before it knows', () => {
    const one = member('one', read(1, 0, 0), happened(2, 'stopped'), happened(4, 'resumed'))
    const zombie = { ...one, events: [...one.events, read(5, 1, 1)] }
    expect(faults(zombie, member('other', read(3, 1, 1, 2, 3), committed(3, 4)))).toEqual([])
  })
})

describe('what members own', () => {
  it('is right when one gives up before the other is given', () => {
    const one = member('one', assigned(1, 0, 1), read(2, 0, 0), revoked(3, 0))
    expect(faultsOfOwnership([one, member('other', assigned(3, 0))])).toEqual([])
  })

  it('is wrong when two hold a partition, or one reads what it does not hold', () => {
    const one = member('one', assigned(1, 0), revoked(5, 0))
    const [fault] = faultsOfOwnership([one, member('other', assigned(4, 0))])
    expect(fault).toContain('G1: partition 0 was assigned to other at 4')
    expect(faultsOfOwnership([member('one', assigned(1, 1), read(2, 0, 0))])).toEqual([
      'one read partition 0 at 2 without owning it',
    ])
  })

  it('ends when a member is stopped', () => {
    const one = member('one', assigned(1, 0), happened(2, 'stopped'), happened(9, 'resumed'))
    expect(faultsOfOwnership([one, member('other', assigned(4, 0))])).toEqual([])
  })
})

describe("the coordinator's log", () => {
  const memberIn = (memberId: string, ...partitions: number[]) => ({
    memberId,
    groupInstanceId: null,
    clientId: '',
    clientHost: '',
    rebalanceTimeout: 1,
    sessionTimeout: 1,
    subscription: Buffer.alloc(0),
    assignment: encodeAssignment(3, { assignedPartitions: [{ topic: 'orders', partitions }] }),
  })
  const generation = (...members: ReturnType<typeof memberIn>[]): GroupRecord => ({
    type: 'GroupMetadata',
    key: { group: 'g' },
    value: {
      ...{ protocolType: 'consumer', generation: 3, protocol: 'range', leader: 'a' },
      ...{ currentStateTimestamp: 1, members },
    },
  })
  const topicId = '6b1c9f0a-3e0f-4f5e-9d0e-2b8f6f0f1a11'
  const current = (memberId: string, held: number[], leaving: number[] = []): GroupRecord => ({
    type: 'ConsumerGroupCurrentMemberAssignment',
    key: { groupId: 'g', memberId },
    value: {
      ...{ memberEpoch: 2, previousMemberEpoch: 1, state: 0 },
      assignedPartitions: [{ topicId, partitions: held }],
      partitionsPendingRevocation: [{ topicId, partitions: leaving }],
    },
  })
  const commit = (offset: number): GroupRecord => ({
    type: 'OffsetCommit',
    key: { group: 'g', topic: 'orders', partition: 0 },
    value: {
      ...{ offset, leaderEpoch: -1, metadata: '', commitTimestamp: 1, expireTimestamp: -1 },
      topicId,
    },
  })

  it('is right when each partition has one owner, and commits go on', () => {
    const records = [
      generation(memberIn('a', 0), memberIn('b', 1)),
      commit(3),
      commit(3),
      commit(9),
    ]
    expect(verdictOf(records)).toEqual({ faults: [], epochs: 1, commits: 3 })
    expect(verdictOf([current('a', [0]), current('b', [1])]).faults).toEqual([])
  })

  it('is wrong when a partition has two owners in a generation, or while one still gives it up', () => {
    expect(verdictOf([generation(memberIn('a', 0), memberIn('b', 0))]).faults).toHaveLength(1)
    expect(verdictOf([current('a', [], [0]), current('b', [0])]).faults).toHaveLength(1)
  })

  it('is wrong when a commit goes back', () => {
    expect(verdictOf([commit(9), commit(3)]).faults[0]).toContain('from 9 back to 3')
  })
})
