import { decodeAssignment, encodeSubscription, type JoinGroupResponse } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { range } from '../../../../packages/client/src/group/assignors/range.ts'
import {
  byTopic,
  countPartitions,
  encodedAssignments,
  flat,
  membersOf,
} from '../../../../packages/client/src/group/leader.ts'
import { memberOf, partitionsOf } from '../../../support/group-members.ts'

const joined = (...members: { memberId: string; metadata: Buffer }[]) =>
  ({
    members: members.map(one => ({ groupInstanceId: null, ...one })),
  }) as unknown as JoinGroupResponse

describe('the leader of a classic group', () => {
  it('reads what members say of themselves', () => {
    const metadata = encodeSubscription(3, {
      topics: ['t'],
      userData: null,
      ownedPartitions: [{ topic: 't', partitions: [1, 2] }],
      generationId: 4,
      rackId: 'r',
    })
    expect(membersOf(joined({ memberId: 'a', metadata }))).toEqual([
      memberOf('a', { ownedPartitions: partitionsOf('t-1 t-2'), generationId: 4, rackId: 'r' }),
    ])
  })

  it('gives nothing to a member that cannot be understood', () => {
    const [member] = membersOf(joined({ memberId: 'a', metadata: Buffer.from([1]) }))
    expect(member?.topics).toEqual([])
  })

  it('writes an assignment for every member, in the version that all can read', () => {
    const members = [memberOf('a'), memberOf('b', { topics: [] })]
    const [first, second] = encodedAssignments(range, members, new Map([['t', 2]]))
    expect(decodeAssignment(first?.assignment ?? Buffer.alloc(0))).toMatchObject({
      version: 0,
      assignedPartitions: [{ topic: 't', partitions: [0, 1] }],
    })
    expect(decodeAssignment(second?.assignment ?? Buffer.alloc(0)).assignedPartitions).toEqual([])
  })

  it('counts the partitions of topics that exist', () => {
    const topic = { name: 't', topicId: '', isInternal: false, error: undefined, partitions: [] }
    const image = {
      clusterId: null,
      controllerId: 1,
      brokers: new Map(),
      topics: new Map([['t', topic]]),
    }
    const members = [memberOf('a', { topics: ['t', 'gone'] })]
    expect([...countPartitions(members, image)]).toEqual([['t', 0]])
  })

  it('goes from partitions to topics and back', () => {
    const partitions = partitionsOf('t-0 t-1 u-3')
    expect(flat(byTopic(partitions))).toEqual(partitions)
  })
})
