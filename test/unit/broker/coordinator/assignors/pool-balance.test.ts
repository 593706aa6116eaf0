import { describe, expect, it } from 'vitest'
import { PartitionOwners } from '../../../../../packages/broker/src/coordinator/assignors/partition-owners.ts'
import {
  fillPool,
  levelPartitions,
  levelPool,
} from '../../../../../packages/broker/src/coordinator/assignors/pool-balance.ts'
import { subscriptionsOf } from '../../../../../packages/broker/src/coordinator/assignors/subscriptions.ts'
import { runToEnd, SliceSteps } from '../../../../../packages/broker/src/coordinator/slices.ts'
import { group, member } from '../../../../support/group-specs.ts'

/** A topic of so many partitions, of which members own some. */
function poolOf(partitions: number, owned: readonly (readonly number[])[]) {
  const members = owned.map((own, index) => [
    `m${String(index)}`,
    member(['x'], { currentAssignment: new Map([['x', own]]) }),
  ])
  const spec = group(Object.fromEntries(members), { x: partitions })
  const steps = new SliceSteps()
  const subscriptions = runToEnd(subscriptionsOf(spec, [...spec.members.keys()], steps))
  const owners = new PartitionOwners(subscriptions)
  runToEnd(owners.keepCurrent(steps))
  const pool = { topics: [0], subscribers: owned.map((_, index) => index) }
  return { pool, owners, balance: { owners, steps } }
}

describe('a pool', () => {
  it('gives its free partitions to those who have the fewest', () => {
    const { pool, owners, balance } = poolOf(6, [[0, 1, 2], [], [5]])
    runToEnd(fillPool(pool, balance))
    expect([...owners.loads]).toEqual([3, 1, 2])
    expect(owners.ownerOf(5)).toBe(2)
  })

  it('moves no more than it takes to be level', () => {
    const { pool, owners, balance } = poolOf(9, [[0, 1, 2, 3, 4], [5, 6, 7, 8], []])
    expect(runToEnd(levelPool(pool, balance))).toBe(3)
    expect([...owners.loads]).toEqual([3, 3, 3])
  })

  it('is left alone when it is level within one', () => {
    const { pool, balance } = poolOf(5, [
      [0, 1, 2],
      [3, 4],
    ])
    expect(runToEnd(levelPool(pool, balance))).toBe(0)
  })

  it('takes from a member what it did not have before, rather than what it had', () => {
    const { pool, owners, balance } = poolOf(4, [[0, 1], [], []])
    owners.give(2, 0)
    owners.give(3, 0)
    runToEnd(levelPool(pool, balance))
    expect([0, 1].map(partition => owners.ownerOf(partition))).toEqual([0, 0])
    expect([...owners.loads]).toEqual([2, 1, 1])
  })

  it('passes over members that have the most, but nothing of it', () => {
    const { owners, balance } = poolOf(8, [[0, 1, 2, 3, 4], [5, 6, 7], []])
    expect(runToEnd(levelPartitions([5, 6, 7], [0, 1, 2], balance))).toBe(1)
    expect([...owners.loads]).toEqual([5, 2, 1])
  })
})
