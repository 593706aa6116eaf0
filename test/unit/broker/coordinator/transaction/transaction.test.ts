import { describe, expect, it } from 'vitest'
import {
  hasAll,
  hasPartition,
  isExhausted,
  isPrepared,
  LARGEST_EPOCH,
  type Transaction,
  withPartitions,
} from '../../../../../packages/broker/src/coordinator/transaction/transaction.ts'
import { transactionStates } from '../../../../../packages/broker/src/coordinator/transaction/transaction-states.ts'

const BOTH = new Map([
  ['orders', [0, 2]],
  ['other', [1]],
])

describe('a transaction', () => {
  it('T10: leaves the largest epoch for fencing: whoever has the last but one goes on with a new id', () => {
    expect(LARGEST_EPOCH).toBe(2 ** 15 - 1)
    expect([0, LARGEST_EPOCH - 2, LARGEST_EPOCH - 1, LARGEST_EPOCH].map(isExhausted)).toEqual([
      false,
      false,
      true,
      true,
    ])
  })

  it('is prepared from the decision until it is completed', () => {
    const prepared = Object.keys(transactionStates).filter(state =>
      isPrepared({ state } as Transaction),
    )
    expect(prepared).toEqual(['PrepareCommit', 'PrepareAbort'])
  })

  it('has the partitions that were added, each once', () => {
    const before = structuredClone(BOTH)
    const more = new Map([
      ['orders', [2, 3]],
      ['third', [0]],
    ])
    expect(withPartitions(BOTH, more)).toEqual(
      new Map([
        ['orders', [0, 2, 3]],
        ['other', [1]],
        ['third', [0]],
      ]),
    )
    expect(BOTH).toEqual(before)
  })

  it('knows a partition by its topic and its number', () => {
    expect(hasPartition(BOTH, 'orders', 2)).toBe(true)
    expect(hasPartition(BOTH, 'orders', 1)).toBe(false)
    expect(hasPartition(BOTH, 'third', 0)).toBe(false)
  })

  it('has all of several only if none is missing', () => {
    expect(hasAll(BOTH, new Map([['orders', [2, 0]]]))).toBe(true)
    expect(hasAll(BOTH, new Map())).toBe(true)
    expect(hasAll(BOTH, new Map([...BOTH, ['other', [1, 0]]]))).toBe(false)
    expect(hasAll(BOTH, new Map([['third', [0]]]))).toBe(false)
  })
})
