import { BatchBuilder, errorCode } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { describeProducers } from '../../../../packages/broker/src/handlers/describe-producers.ts'
import { memoryBroker, NOW } from '../../../support/memory-broker.ts'

const sent = (producerId: number, isTransactional: boolean) => {
  const builder = new BatchBuilder()
  for (const value of ['a', 'b']) builder.append({ key: 'k', value, timestamp: NOW })
  return builder.build({ producerId, producerEpoch: 3, baseSequence: 0, isTransactional })
}

const question = (...partitionIndexes: number[]) => ({
  topics: [{ name: 'orders', partitionIndexes }],
})

describe('DescribeProducers', () => {
  it('tells of each producer what its log knows', async () => {
    const { ask, partition } = await memoryBroker({ topics: { orders: 1 } })
    const log = partition('orders', 0)
    log.append(sent(7, false), { now: NOW })
    log.append(sent(8, true), { now: NOW, verification: 'off' })
    log.appendMarker(
      {
        ...{ producerId: 9, producerEpoch: 5, coordinatorEpoch: 4 },
        ...{ result: 'commit', transactionVersion: 2 },
      },
      NOW,
    )
    const { answer } = ask(describeProducers, 0, question(0))
    const known = { lastTimestamp: NOW, coordinatorEpoch: -1, currentTxnStartOffset: -1 }
    expect(answer?.topics[0]?.partitions[0]?.activeProducers).toEqual([
      { ...known, producerId: 7, producerEpoch: 3, lastSequence: 1 },
      { ...known, producerId: 8, producerEpoch: 3, lastSequence: 1, currentTxnStartOffset: 2 },
      { ...known, producerId: 9, producerEpoch: 5, lastSequence: -1, coordinatorEpoch: 4 },
    ])
  })

  it('says of partitions that it has not, or may not tell of, why', async () => {
    const { ask } = await memoryBroker({ topics: { orders: 1 } })
    expect(ask(describeProducers, 0, question(5)).answer?.topics[0]?.partitions[0]).toMatchObject({
      errorCode: errorCode('UNKNOWN_TOPIC_OR_PARTITION'),
    })
    const forbidden = await memoryBroker({ topics: { orders: 1 }, authorize: () => false })
    const { answer } = forbidden.ask(describeProducers, 0, question(0))
    expect(answer?.topics[0]?.partitions[0]?.errorCode).toBe(
      errorCode('TOPIC_AUTHORIZATION_FAILED'),
    )
  })
})
