import { transactionRecordCodec } from '@varve/protocol'
import { expect, it } from 'vitest'

it('writes the state of a transaction in the version that Kafka 4.2 writes', () => {
  const { key, value } = transactionRecordCodec.encode({
    type: 'TransactionLog',
    key: { transactionalId: 'pay' },
    value: {
      producerId: 4000,
      producerEpoch: 2,
      transactionTimeoutMs: 60_000,
      transactionStatus: 1,
      transactionPartitions: [{ topic: 'orders', partitionIds: [0, 3] }],
      transactionLastUpdateTimestampMs: 1_700_000_000_500,
      transactionStartTimestampMs: 1_700_000_000_000,
      clientTransactionVersion: 2,
    },
  })
  expect(key.toString('hex')).toBe(`00000003${Buffer.from('pay').toString('hex')}`)
  expect(value?.readInt16BE()).toBe(1)
  expect(transactionRecordCodec.decode(key, value)).toMatchObject({
    type: 'TransactionLog',
    key: { transactionalId: 'pay' },
    value: { producerId: 4000, previousProducerId: -1, clientTransactionVersion: 2 },
  })
})
