import { describe, expect, it } from 'vitest'
import { applyTransactionChange } from '../../../../../packages/broker/src/coordinator/transaction/apply.ts'
import type { TransactionChange } from '../../../../../packages/broker/src/coordinator/transaction/change.ts'
import { emptyTransactionState } from '../../../../../packages/broker/src/coordinator/transaction/state.ts'
import type { Transaction } from '../../../../../packages/broker/src/coordinator/transaction/transaction.ts'
import { ID } from '../../../../support/transaction-shard.ts'

const transaction = (transactionalId: string, producerEpoch: number) =>
  ({ transactionalId, producerEpoch }) as Transaction

const waits = (number: number): TransactionChange => ({
  type: 'waits',
  transactionalId: ID,
  request: {
    type: 'partitions',
    request: {
      ...{ transactionalId: ID, producerId: 1, producerEpoch: 0 },
      partitions: new Map(),
      ticket: { number },
    },
  },
})

function given(...changes: readonly TransactionChange[]) {
  const state = emptyTransactionState()
  for (const change of changes) applyTransactionChange(state, change)
  return state
}

const ticketsOf = (state: ReturnType<typeof given>) =>
  state.waiting.get(ID)?.map(({ request }) => request.ticket.number)

describe('applyTransactionChange', () => {
  it('replaces a transaction by what it has become', () => {
    const state = given(
      { type: 'transaction', transaction: transaction(ID, 0) },
      { type: 'transaction', transaction: transaction('other', 7) },
      { type: 'transaction', transaction: transaction(ID, 1) },
    )
    expect([...state.transactions.values()]).toEqual([transaction(ID, 1), transaction('other', 7)])
  })

  it('forgets an id with its last epoch, and no other', () => {
    const state = given(
      { type: 'transaction', transaction: transaction(ID, 1) },
      { type: 'last-epoch', transactionalId: ID, epoch: 0 },
      { type: 'transaction', transaction: transaction('other', 7) },
      { type: 'last-epoch', transactionalId: 'other', epoch: 6 },
      { type: 'forgotten', transactionalId: ID },
    )
    expect([...state.transactions.keys()]).toEqual(['other'])
    expect([...state.lastEpochs]).toEqual([['other', 6]])
  })

  it('keeps those who wait in the order in which they came, until each waits no more', () => {
    const state = given(waits(1), waits(2), waits(3), {
      type: 'waits-no-more',
      transactionalId: ID,
      ticket: 2,
    })
    expect(ticketsOf(state)).toEqual([1, 3])
  })

  it('keeps nothing for an id for which nobody waits', () => {
    const over = (ticket: number) =>
      ({ type: 'waits-no-more', transactionalId: ID, ticket }) as const
    expect(given(waits(1), over(1)).waiting.size).toBe(0)
    expect(given(over(1)).waiting.size).toBe(0)
  })
})
