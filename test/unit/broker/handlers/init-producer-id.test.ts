import { describe, expect, it } from 'vitest'
import { initProducerId } from '../../../../packages/broker/src/handlers/init-producer-id.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { memoryBroker } from '../../../support/memory-broker.ts'

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

  it('refuses transactions for good, until there are any', async () => {
    const ask = await given(() => 7)
    expect(await ask('payments')).toMatchObject({ errorCode: 53 })
    expect(await ask('')).toMatchObject({ errorCode: 42 })
  })
})
