import { describe, expect, it } from 'vitest'
import { assignUniform } from '../../../../../packages/broker/src/coordinator/assignors/uniform.ts'
import { runToEnd } from '../../../../../packages/broker/src/coordinator/slices.ts'
import { group, holding, loads, member, plain } from '../../../../support/group-specs.ts'

describe('the uniform assignor', () => {
  it('spreads each topic over the members', () => {
    const both = member(['x', 'y'])
    const spec = group({ a: both, b: both, c: both }, { x: 3, y: 3 })
    expect(plain(runToEnd(assignUniform(spec)))).toEqual({
      a: { x: [0], y: [0] },
      b: { x: [1], y: [1] },
      c: { x: [2], y: [2] },
    })
  })

  it('gives a new member what balance demands and moves nothing else', () => {
    const one = member(['x'])
    const before = runToEnd(assignUniform(group({ a: one, b: one }, { x: 6 })))
    const after = runToEnd(
      assignUniform(holding(group({ a: one, b: one, c: one }, { x: 6 }), before)),
    )
    expect([...loads(after).values()]).toEqual([2, 2, 2])
    for (const id of ['a', 'b'])
      expect(before.get(id)?.get('x')).toEqual(
        expect.arrayContaining([...(after.get(id)?.get('x') ?? [])]),
      )
  })

  it('hands the partitions of a member that left to those with the fewest', () => {
    const had = (partitions: readonly number[]) =>
      member(['x'], { currentAssignment: new Map([['x', new Set(partitions)]]) })
    const spec = group({ a: had([0, 1]), c: had([4]) }, { x: 5 })
    expect(plain(runToEnd(assignUniform(spec)))).toEqual({ a: { x: [0, 1, 3] }, c: { x: [2, 4] } })
  })

  it('balances members with different subscriptions across topics', () => {
    const spec = group({ a: member(['x', 'y']), b: member(['x']) }, { x: 4, y: 4 })
    expect(plain(runToEnd(assignUniform(spec)))).toEqual({
      a: { y: [0, 1, 2, 3] },
      b: { x: [0, 1, 2, 3] },
    })
  })

  it('takes away what a member no longer reads', () => {
    const left = member(['x'], { currentAssignment: new Map([['y', [0]]]) })
    const spec = group({ a: left, b: member(['x', 'y']) }, { x: 1, y: 1 })
    expect(plain(runToEnd(assignUniform(spec)))).toEqual({ a: { x: [0] }, b: { y: [0] } })
  })

  it('lists members that get nothing', () => {
    const spec = group({ a: member([]), b: member(['gone']), c: member(['x']) }, { x: 1 })
    expect(plain(runToEnd(assignUniform(spec)))).toEqual({ a: {}, b: {}, c: { x: [0] } })
    expect(plain(runToEnd(assignUniform(group({}, { x: 1 }))))).toEqual({})
  })

  it('levels members of one subscription even where a long chain of overlaps does not settle', () => {
    const count = 60
    const topic = (index: number) => `t${String(index).padStart(3, '0')}`
    const members = Array.from({ length: count * 2 }, (_, index) => {
      const link = Math.floor(index / 2)
      const load = index === 0 ? Array.from({ length: 900 }, (_, partition) => partition) : []
      return [
        `m${String(index).padStart(3, '0')}`,
        member([topic(link), topic(link + 1)], { currentAssignment: new Map([[topic(0), load]]) }),
      ] as const
    })
    const topics = Array.from({ length: count + 1 }, (_, index) => [topic(index), 900] as const)
    const assignment = runToEnd(
      assignUniform(group(Object.fromEntries(members), Object.fromEntries(topics))),
    )
    const sizes = [...loads(assignment).values()]
    for (let pair = 0; pair < count; pair++)
      expect(Math.abs((sizes[pair * 2] ?? 0) - (sizes[pair * 2 + 1] ?? 0))).toBeLessThanOrEqual(1)
  })
})
