import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { initProducerId } from '../../../../packages/broker/src/handlers/init-producer-id.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { memoryBroker } from '../../../support/memory-broker.ts'
import { refusingTransactions } from '../../../support/pure-transactions.ts'
import { transactionHandlers } from '../../../support/transaction-handlers.ts'

async function given(next: () => number | Promise<number>) {
  const memory = await memoryBroker({ topics: {} })
  Object.assign(memory.broker, { producerIds: { next } })
  return (transactionalId: string | null) =>
    memory.ask(initProducerId, 4, { transactionalId, transactionTimeoutMs: 0 }).answered
}

describe('InitProducerId', () => {
  it('gives an id with epoch 0, at once or when there is one', async () => {
    expect(await (await given(() => 7))(null)).toMatchObject({
      errorCode: 0,
      producerId: 7,
      producerEpoch: 0,
    })
    expect(await (await given(() => Promise.resolve(8)))(null)).toMatchObject({ producerId: 8 })
  })

  it('asks the client to come again when no ids can be made durable', async () => {
    const ask = await given(() => Promise.reject(new DiskError('write', '/data', 'ENOSPC')))
    expect(await ask(null)).toMatchObject({ errorCode: 15, producerId: -1 })
  })

  it('takes no transactional id that is empty', async () => {
    const ask = await given(() => 7)
    expect(await ask('')).toMatchObject({ errorCode: 42 })
  })
})

describe('InitProducerId of a transactional producer', () => {
  const asking = async () => {
    const { ask, ...handlers } = await transactionHandlers()
    const init = async (version: number, words: object = {}) => {
      const { errorCode, producerId, producerEpoch } = await ask(initProducerId, version, {
        transactionalId: 'payments',
        transactionTimeoutMs: 60_000,
        ...words,
      }).answered
      return [errorName(errorCode), producerId, producerEpoch]
    }
    return { ...handlers, init }
  }

  it('gives an id and epoch, and takes a fresh id only where one is needed', async () => {
    const { init } = await asking()
    expect(await init(0)).toEqual(['NONE', 500, 0])
    expect(await init(5)).toEqual(['NONE', 500, 1])
    expect(await init(5, { transactionalId: 'other' })).toEqual(['NONE', 501, 0])
  })

  it('knows who had the epoch before by id and epoch, and wants both', async () => {
    const { init } = await asking()
    await init(4)
    expect(await init(4, { producerId: 500, producerEpoch: 0 })).toEqual(['NONE', 500, 1])
    await init(4)
    const fenced = { producerId: 500, producerEpoch: 0 }
    expect(await init(4, fenced)).toEqual(['PRODUCER_FENCED', -1, -1])
    expect(await init(3, fenced)).toEqual(['INVALID_PRODUCER_EPOCH', -1, -1])
    expect(await init(4, { producerId: 500 })).toEqual(['INVALID_REQUEST', -1, -1])
    expect(await init(4, { producerEpoch: 0 })).toEqual(['INVALID_REQUEST', -1, -1])
  })

  it('is for those who may write with the id', async () => {
    const { init, forbid, shard } = await asking()
    forbid(permission => permission === 'Write TransactionalId payments')
    expect(await init(5)).toEqual(['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', -1, -1])
    expect(shard.state.transactions.size).toBe(0)
  })

  it('asks the client to come again when no ids can be made durable, or nobody coordinates', async () => {
    const { init, broker } = await asking()
    const failing = { next: () => Promise.reject(new DiskError('write', '/data', 'ENOSPC')) }
    Object.assign(broker, { producerIds: failing })
    expect(await init(5)).toEqual(['COORDINATOR_NOT_AVAILABLE', -1, -1])
    Object.assign(broker, { transactions: refusingTransactions('NOT_COORDINATOR') })
    expect(await init(5)).toEqual(['NOT_COORDINATOR', -1, -1])
  })
})
