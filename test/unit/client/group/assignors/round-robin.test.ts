import { describe, expect, it } from 'vitest'
import {
  kafkajsRoundRobin,
  roundRobin,
} from '../../../../../packages/client/src/group/assignors/round-robin.ts'
import { memberOf, shown } from '../../../../support/group-members.ts'

describe('RoundRobinAssigner', () => {
  it('divides as kafkajs does where all members read the same', () => {
    const members = ['b', 'a'].map(id => memberOf(id, { topics: ['t'] }))
    const assignment = kafkajsRoundRobin.assign(members, new Map([['t', 3]]))
    expect(shown(assignment).toSorted()).toEqual(['a: t-0 t-2', 'b: t-1'])
    expect(kafkajsRoundRobin).toMatchObject({
      name: 'RoundRobinAssigner',
      rebalanceProtocol: 'eager',
    })
  })
})

describe('roundrobin', () => {
  it('goes on over topics without beginning anew', () => {
    const topics = ['t', 'u']
    const members = ['a', 'b'].map(id => memberOf(id, { topics }))
    const counts = new Map([
      ['t', 3],
      ['u', 3],
    ])
    expect(shown(roundRobin.assign(members, counts))).toEqual(['a: t-0 t-2 u-1', 'b: t-1 u-0 u-2'])
  })

  it('passes over members that do not read a topic', () => {
    const members = [
      memberOf('a', { topics: ['t'] }),
      memberOf('b', { topics: ['t', 'u'] }),
      memberOf('c', { topics: ['t', 'u', 'v'] }),
    ]
    const counts = new Map([
      ['t', 1],
      ['u', 2],
      ['v', 3],
    ])
    expect(shown(roundRobin.assign(members, counts))).toEqual([
      'a: t-0',
      'b: u-0',
      'c: u-1 v-0 v-1 v-2',
    ])
  })
})
