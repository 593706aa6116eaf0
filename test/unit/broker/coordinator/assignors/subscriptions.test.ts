import { describe, expect, it } from 'vitest'
import { subscriptionsOf } from '../../../../../packages/broker/src/coordinator/assignors/subscriptions.ts'
import { runToEnd, SliceSteps } from '../../../../../packages/broker/src/coordinator/slices.ts'
import { group, member } from '../../../../support/group-specs.ts'

const sorted = (spec: ReturnType<typeof group>, order: readonly string[]) =>
  runToEnd(subscriptionsOf(spec, order, new SliceSteps()))

describe('the subscriptions of a group', () => {
  it('make one pool when all members read the same', () => {
    const { classes, pools } = sorted(
      group({ a: member(['x', 'y']), b: member(['y', 'x']) }, { y: 2, x: 1 }),
      ['a', 'b'],
    )
    expect(classes).toEqual([[0, 1]])
    expect(pools).toEqual([{ topics: [0, 1], subscribers: [0, 1] }])
  })

  it('make a pool of the topics that the same members read', () => {
    const { topicIds, pools } = sorted(
      group({ a: member(['x', 'y', 'z']), b: member(['z']) }, { z: 1, y: 1, x: 1, unread: 1 }),
      ['a', 'b'],
    )
    expect(topicIds).toEqual(['unread', 'x', 'y', 'z'])
    expect(pools).toEqual([
      { topics: [1, 2], subscribers: [0] },
      { topics: [3], subscribers: [0, 1] },
    ])
  })

  it('count the members in the order that was asked for', () => {
    const spec = group({ a: member(['x']), b: member([]), c: member(['x']) }, { x: 3 })
    expect(sorted(spec, ['c', 'b', 'a'])).toMatchObject({
      memberIds: ['c', 'b', 'a'],
      classes: [[0, 2], [1]],
      pools: [{ subscribers: [0, 2] }],
    })
  })

  it('leave out topics that do not exist', () => {
    const spec = group({ a: member(['x', 'gone']), b: member(['x']) }, { x: 3 })
    expect(sorted(spec, ['a', 'b'])).toMatchObject({ classes: [[0, 1]], partitionCounts: [3] })
  })
})
