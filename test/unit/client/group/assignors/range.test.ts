import { describe, expect, it } from 'vitest'
import { range } from '../../../../../packages/client/src/group/assignors/range.ts'
import { memberOf, shown } from '../../../../support/group-members.ts'

describe('range', () => {
  it('gives contiguous ranges, the first members one more', () => {
    const members = ['c', 'a', 'b'].map(id => memberOf(id))
    expect(shown(range.assign(members, new Map([['t', 7]])))).toEqual([
      'a: t-0 t-1 t-2',
      'b: t-3 t-4',
      'c: t-5 t-6',
    ])
  })

  it('divides each topic on its own, so that equal keys of two topics meet', () => {
    const topics = ['t', 'u']
    const members = [memberOf('a', { topics }), memberOf('b', { topics })]
    const counts = new Map([
      ['t', 3],
      ['u', 3],
    ])
    expect(shown(range.assign(members, counts))).toEqual(['a: t-0 t-1 u-0 u-1', 'b: t-2 u-2'])
  })

  it('counts static members first, in the order of their lasting names', () => {
    const members = [
      memberOf('a'),
      memberOf('z1', { groupInstanceId: 'two' }),
      memberOf('z2', { groupInstanceId: 'one' }),
    ]
    expect(shown(range.assign(members, new Map([['t', 3]])))).toEqual([
      'a: t-2',
      'z1: t-1',
      'z2: t-0',
    ])
  })

  it('gives nothing to a member that reads another topic, and nothing of a topic that is not there', () => {
    const members = [memberOf('a', { topics: ['t', 'gone'] }), memberOf('b', { topics: ['gone'] })]
    expect(shown(range.assign(members, new Map([['t', 2]])))).toEqual(['a: t-0 t-1', 'b:'])
  })
})
