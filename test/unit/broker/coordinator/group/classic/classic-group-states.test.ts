import { describe, expect, it } from 'vitest'
import {
  assertEdge,
  classicGroupStates,
} from '../../../../../../packages/broker/src/coordinator/group/classic/classic-group-states.ts'

type State = keyof typeof classicGroupStates
const states = Object.keys(classicGroupStates) as State[]

describe('the states of a classic group', () => {
  it('all come from Empty, and only Dead is an end', () => {
    const reached = new Set<State>(['Empty'])
    for (const state of reached)
      for (const next of classicGroupStates[state].next) reached.add(next)
    expect([...reached].sort()).toEqual(states.toSorted())
    expect(states.filter(state => classicGroupStates[state].next.length === 0)).toEqual(['Dead'])
  })

  it('follow each other as the table says, and not otherwise', () => {
    for (const from of states) {
      for (const to of states) {
        const ways: readonly State[] = classicGroupStates[from].next
        if (ways.includes(to)) assertEdge(from, to)
        else expect(() => assertEdge(from, to)).toThrow(`never goes from ${from} to ${to}`)
      }
    }
  })
})
