import { describe, expect, it } from 'vitest'
import {
  following,
  transactionStateNames,
  transactionStateOf,
  transactionStates,
} from '../../../../../packages/broker/src/coordinator/transaction/transaction-states.ts'

describe('the states of a transaction', () => {
  it('have Kafka’s numbers', () => {
    expect(Object.entries(transactionStates).map(([name, { status }]) => [status, name])).toEqual([
      [0, 'Empty'],
      [1, 'Ongoing'],
      [2, 'PrepareCommit'],
      [3, 'PrepareAbort'],
      [4, 'CompleteCommit'],
      [5, 'CompleteAbort'],
    ])
    expect(transactionStateOf(4)).toBe('CompleteCommit')
    expect(transactionStateOf(7)).toBeUndefined()
  })

  it('follow one another as the table says, and not otherwise', () => {
    expect(following('Ongoing', 'PrepareCommit')).toBe('PrepareCommit')
    expect(() => following('PrepareCommit', 'CompleteAbort')).toThrow()
    expect(() => following('Empty', 'PrepareCommit')).toThrow()
  })

  it('T5: lead from a decision to its own completion alone', () => {
    expect(transactionStates.PrepareCommit.next).toEqual(['CompleteCommit'])
    expect(transactionStates.PrepareAbort.next).toEqual(['CompleteAbort'])
  })

  it('have names for filters that nothing is ever in', () => {
    expect([...transactionStateNames]).toContain('Dead')
    expect([...transactionStateNames]).toContain('PrepareEpochFence')
  })
})
