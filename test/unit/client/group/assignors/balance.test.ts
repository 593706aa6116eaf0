import { describe, expect, it } from 'vitest'
import { balance } from '../../../../../packages/client/src/group/assignors/balance.ts'
import { memberOf, shown } from '../../../../support/group-members.ts'

describe('balance', () => {
  it('deals new partitions out in turn', () => {
    const members = ['a', 'b', 'c'].map(id => memberOf(id))
    expect(shown(balance(members, new Map([['t', 5]]), new Map()))).toEqual([
      'a: t-0 t-3',
      'b: t-1 t-4',
      'c: t-2',
    ])
  })

  it('takes from those that have too much only what is too much', () => {
    const owners = new Map(
      [0, 1, 2, 3, 4].map(partition => [`${partition} t`, partition < 4 ? 'a' : 'b']),
    )
    const members = ['a', 'b', 'c'].map(id => memberOf(id))
    expect(shown(balance(members, new Map([['t', 5]]), owners))).toEqual([
      'a: t-0 t-1',
      'b: t-3 t-4',
      'c: t-2',
    ])
  })

  it('leaves the extra partitions with those that had them', () => {
    const owners = new Map([
      ['0 t', 'b'],
      ['1 t', 'b'],
      ['2 t', 'a'],
    ])
    const members = ['a', 'b'].map(id => memberOf(id))
    expect(shown(balance(members, new Map([['t', 3]]), owners))).toEqual(['a: t-2', 'b: t-0 t-1'])
  })

  it('moves along a chain of members that share no topic with each other', () => {
    const members = [
      memberOf('a', { topics: ['t', 'u'] }),
      memberOf('b', { topics: ['u', 'v'] }),
      memberOf('c', { topics: ['v'] }),
    ]
    const counts = new Map([
      ['t', 2],
      ['u', 2],
      ['v', 2],
    ])
    const owners = new Map([
      ['0 u', 'a'],
      ['1 u', 'a'],
      ['0 v', 'b'],
      ['1 v', 'b'],
    ])
    const loads = [...balance(members, counts, owners).values()].map(({ length }) => length)
    expect(loads).toEqual([2, 2, 2])
  })
})
