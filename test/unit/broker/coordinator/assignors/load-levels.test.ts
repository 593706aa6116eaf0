import { describe, expect, it } from 'vitest'
import { LoadLevels } from '../../../../../packages/broker/src/coordinator/assignors/load-levels.ts'

const loads = Int32Array.of(5, 3, 3, 7)

/** The members in the order of their turns, each put back. */
function turns(levels: LoadLevels, count: number): readonly number[] {
  return Array.from({ length: count }, () => {
    const member = levels.take()
    levels.putBack(member)
    return member
  })
}

describe('load levels', () => {
  it('take the members with the fewest in turn, each growing by one', () => {
    expect(turns(new LoadLevels([0, 1, 2, 3], loads, 'least'), 10)).toEqual([
      1, 2, 1, 2, 0, 1, 2, 0, 1, 2,
    ])
  })

  it('take the members with the most in turn, each shrinking by one', () => {
    expect(turns(new LoadLevels([0, 1, 2, 3], loads, 'most'), 6)).toEqual([3, 3, 0, 3, 0, 3])
  })

  it('say the load of the next one', () => {
    const levels = new LoadLevels([1, 3], loads, 'most')
    expect(levels.nextLoad()).toBe(7)
    levels.take()
    expect(levels.nextLoad()).toBe(3)
    levels.take()
    expect(levels.nextLoad()).toBeUndefined()
  })

  it('end at zero', () => {
    const levels = new LoadLevels([0], Int32Array.of(1), 'most')
    turns(levels, 1)
    expect(levels.nextLoad()).toBe(0)
    levels.take()
    expect(levels.nextLoad()).toBeUndefined()
    expect(() => levels.take()).toThrow('only while there is one')
  })
})
