import { describe, expect, it } from 'vitest'
import { applyTransactionChange } from '../../../../../packages/broker/src/coordinator/transaction/apply.ts'
import { emptyTransactionState } from '../../../../../packages/broker/src/coordinator/transaction/state.ts'
import { ID, TransactionShard } from '../../../../support/transaction-shard.ts'

describe('the state of a transaction shard', () => {
  it('begins with nothing, and shares nothing with that of another shard', () => {
    const [one, other] = [emptyTransactionState(), emptyTransactionState()]
    applyTransactionChange(one, { type: 'last-epoch', transactionalId: ID, epoch: 3 })
    expect(one.lastEpochs.get(ID)).toBe(3)
    expect([other.transactions.size, other.lastEpochs.size, other.waiting.size]).toEqual([0, 0, 0])
  })

  it('has its transactions after a restart; who waited and what retries go by is gone', () => {
    const shard = new TransactionShard()
    const producer = shard.init({ current: shard.init() })
    shard.add(producer, 'orders-0')
    shard.end(producer, 'commit')
    shard.askToInit()
    const before = shard.transaction()
    expect([shard.state.lastEpochs.size, shard.state.waiting.size]).toEqual([1, 1])
    shard.restart()
    expect(shard.state).toEqual({
      ...emptyTransactionState(),
      transactions: new Map([[ID, before]]),
    })
  })
})
