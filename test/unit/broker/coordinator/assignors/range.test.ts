import { describe, expect, it } from 'vitest'
import { assignRange } from '../../../../../packages/broker/src/coordinator/assignors/range.ts'
import { runToEnd } from '../../../../../packages/broker/src/coordinator/slices.ts'
import { group, member, plain } from '../../../../support/group-specs.ts'

const assigned = (spec: ReturnType<typeof group>) => plain(runToEnd(assignRange(spec)))

describe('the range assignor', () => {
  it('gives ranges in the order of the member ids, the first ones one more', () => {
    const one = member(['x'])
    expect(assigned(group({ c: one, a: one, b: one }, { x: 8 }))).toEqual({
      a: { x: [0, 1, 2] },
      b: { x: [3, 4, 5] },
      c: { x: [6, 7] },
    })
  })

  it('cuts topics with as many partitions at the same places', () => {
    const both = member(['x', 'y'])
    expect(assigned(group({ a: both, b: both }, { x: 3, y: 3 }))).toEqual({
      a: { x: [0, 1], y: [0, 1] },
      b: { x: [2], y: [2] },
    })
  })

  it('counts static members first, by instance id', () => {
    const one = member(['x'])
    const spec = group(
      { a: one, b: member(['x'], { instanceId: 'two' }), c: member(['x'], { instanceId: 'one' }) },
      { x: 3 },
    )
    expect(assigned(spec)).toEqual({ c: { x: [0] }, b: { x: [1] }, a: { x: [2] } })
  })

  it('gives a static member its range again under another member id', () => {
    const one = member(['x'], { instanceId: 'one' })
    const two = member(['x'], { instanceId: 'two' })
    const before = assigned(group({ p: one, q: two }, { x: 4 }))
    expect(before).toEqual({ p: { x: [0, 1] }, q: { x: [2, 3] } })
    expect(assigned(group({ z: one, q: two }, { x: 4 }))).toEqual({
      z: { x: [0, 1] },
      q: { x: [2, 3] },
    })
  })

  it('gives nothing to the last ones when there are fewer partitions than members', () => {
    const one = member(['x'])
    expect(assigned(group({ a: one, b: one, c: one }, { x: 2 }))).toEqual({
      a: { x: [0] },
      b: { x: [1] },
      c: {},
    })
  })

  it('divides each topic among its own subscribers', () => {
    const spec = group({ a: member(['x', 'gone']), b: member(['x', 'y']) }, { x: 2, y: 2, z: 2 })
    expect(assigned(spec)).toEqual({ a: { x: [0] }, b: { x: [1], y: [0, 1] } })
  })
})
