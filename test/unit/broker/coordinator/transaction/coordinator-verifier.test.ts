import { describe, expect, it } from 'vitest'
import { CoordinatorVerifier } from '../../../../../packages/broker/src/coordinator/transaction/coordinator-verifier.ts'
import { pureTransactions, refusingTransactions } from '../../../../support/pure-transactions.ts'
import { ID, TransactionShard } from '../../../../support/transaction-shard.ts'

const PARTITIONS = [
  { topic: 'orders', partition: 0 },
  { topic: 'other', partition: 0 },
  { topic: 'orders', partition: 1 },
]

describe('a verifier', () => {
  it('T7: says what is in the transaction', async () => {
    const shard = new TransactionShard()
    const verifier = new CoordinatorVerifier(pureTransactions(shard))
    const producer = shard.init()
    const asked = { transactionalId: ID, ...producer, partitions: PARTITIONS }
    shard.add(producer, 'orders-0')
    expect(await verifier.verify({ ...asked, mode: 'verify' })).toEqual([
      'NONE',
      'TRANSACTION_ABORTABLE',
      'TRANSACTION_ABORTABLE',
    ])
    const written = shard.records.length
    expect(await verifier.verify({ ...asked, mode: 'add' })).toEqual(['NONE', 'NONE', 'NONE'])
    expect(shard.records.length).toBe(written + 1)
    expect(await verifier.verify({ ...asked, mode: 'verify' })).toEqual(['NONE', 'NONE', 'NONE'])
  })

  it('says of every partition why nobody knows', async () => {
    const verifier = new CoordinatorVerifier(refusingTransactions('NOT_COORDINATOR'))
    const asked = { transactionalId: ID, producerId: 1, producerEpoch: 0, partitions: PARTITIONS }
    for (const mode of ['verify', 'add'] as const)
      expect(await verifier.verify({ ...asked, mode })).toEqual([
        'NOT_COORDINATOR',
        'NOT_COORDINATOR',
        'NOT_COORDINATOR',
      ])
  })
})
