import { describe, expect, it } from 'vitest'
import { PartitionOwners } from '../../../../../packages/broker/src/coordinator/assignors/partition-owners.ts'
import { subscriptionsOf } from '../../../../../packages/broker/src/coordinator/assignors/subscriptions.ts'
import { runToEnd, SliceSteps } from '../../../../../packages/broker/src/coordinator/slices.ts'
import { group, member, plain } from '../../../../support/group-specs.ts'

function ownersOf(spec: ReturnType<typeof group>): PartitionOwners {
  const order = [...spec.members.keys()].sort()
  const owners = new PartitionOwners(runToEnd(subscriptionsOf(spec, order, new SliceSteps())))
  runToEnd(owners.keepCurrent(new SliceSteps()))
  return owners
}

const having = (currentAssignment: Readonly<Record<string, readonly number[]>>) =>
  member(['x', 'y'], { currentAssignment: new Map(Object.entries(currentAssignment)) })

describe('partition owners', () => {
  it('keep what members have of topics that they read and that exist', () => {
    const owners = ownersOf(
      group(
        { a: having({ x: [1, 9], z: [0], gone: [0] }), b: having({ y: [0] }) },
        { x: 2, y: 1, z: 1 },
      ),
    )
    expect([0, 1, 2, 3].map(partition => owners.ownerOf(partition))).toEqual([-1, 0, 1, -1])
    expect([...owners.loads]).toEqual([1, 1])
  })

  it('let the first of two members keep a partition that both claim', () => {
    const owners = ownersOf(group({ b: having({ x: [0] }), a: having({ x: [0] }) }, { x: 1, y: 0 }))
    expect(owners.ownerOf(0)).toBe(0)
    expect([...owners.loads]).toEqual([1, 0])
  })

  it('know whether the owner had the partition before', () => {
    const owners = ownersOf(group({ a: having({ x: [0] }), b: having({}) }, { x: 1, y: 0 }))
    expect(owners.isKept(0)).toBe(true)
    owners.give(0, 1)
    expect(owners.isKept(0)).toBe(false)
    expect([...owners.loads]).toEqual([0, 1])
    owners.give(0, 0)
    expect(owners.isKept(0)).toBe(true)
  })

  it('number the partitions of a pool by topic, and find those of a member', () => {
    const spec = group(
      { a: having({ x: [0], y: [1] }), b: having({ y: [0] }) },
      { y: 2, x: 1, z: 4 },
    )
    const owners = ownersOf(spec)
    expect([...owners.partitionsOf({ topics: [0, 1], subscribers: [0, 1] })]).toEqual([0, 1, 2])
    expect(runToEnd(owners.byMember(new SliceSteps()))).toEqual([[0, 2], [1]])
    expect(plain(runToEnd(owners.assignment(new SliceSteps())))).toEqual({
      a: { x: [0], y: [1] },
      b: { y: [0] },
    })
  })

  it('refuse to leave a partition of a subscribed topic to nobody', () => {
    const owners = ownersOf(group({ a: having({}) }, { x: 1, y: 0 }))
    expect(() => runToEnd(owners.assignment(new SliceSteps()))).toThrow('has an owner')
  })
})
