import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  DescribeProducers,
  DescribeTransactions,
  EndTxn,
  InitProducerId,
  ListTransactions,
  TxnOffsetCommit,
  WriteTxnMarkers,
} from '@varve/protocol'
import { expect } from 'vitest'
import { type At, casesOf, expectError, first } from './case.ts'

type Also = Pick<At<typeof EndTxn>, 'also' | 'newName' | 'orders'>

/** A transactional producer of this case alone. */
async function begun(at: Also) {
  const transactionalId = at.newName()
  const { errorCode, producerId, producerEpoch } = await at.also(InitProducerId, 4, {
    ...{ transactionalId, transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 },
  })
  expectError(errorCode, 'NONE')
  return { transactionalId, producerId, producerEpoch }
}

const ordersOf = (at: Also) => [{ name: at.orders.name, partitions: [0] }]

/** The same with a partition in its transaction. */
async function ongoing(at: Also) {
  const producer = await begun(at)
  const { transactionalId, producerId, producerEpoch } = producer
  await at.also(AddPartitionsToTxn, 3, {
    v3AndBelowTransactionalId: transactionalId,
    v3AndBelowProducerId: producerId,
    v3AndBelowProducerEpoch: producerEpoch,
    v3AndBelowTopics: ordersOf(at),
  })
  return producer
}

export const addPartitionsToTxnCases = casesOf(AddPartitionsToTxn, {
  'takes a partition into the transaction': async at => {
    const producer = await begun(at)
    const { transactionalId, producerId, producerEpoch } = producer
    if (at.version < 4) {
      const answer = await at.ask({
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: producerId,
        v3AndBelowProducerEpoch: producerEpoch,
        v3AndBelowTopics: ordersOf(at),
      })
      const topic = first(answer.resultsByTopicV3AndBelow)
      expectError(first(topic.resultsByPartition).partitionErrorCode, 'NONE')
    } else {
      const { resultsByTransaction } = await at.ask({
        transactions: [{ ...producer, verifyOnly: false, topics: ordersOf(at) }],
      })
      const topic = first(first(resultsByTransaction).topicResults)
      expectError(first(topic.resultsByPartition).partitionErrorCode, 'NONE')
    }
    const { transactionStates } = await at.also(DescribeTransactions, 0, {
      transactionalIds: [transactionalId],
    })
    expect(first(transactionStates)).toMatchObject({
      transactionState: 'Ongoing',
      topics: [{ topic: at.orders.name, partitions: [0] }],
    })
    expectError((await at.also(EndTxn, 3, { ...producer, committed: false })).errorCode, 'NONE')
  },
})

export const addOffsetsToTxnCases = casesOf(AddOffsetsToTxn, {
  'takes a group into the transaction of this producer alone': async at => {
    const producer = await begun(at)
    const groupId = at.newName()
    expectError((await at.ask({ ...producer, groupId })).errorCode, 'NONE')
    const other = { ...producer, producerId: producer.producerId + 1, groupId }
    expectError((await at.ask(other)).errorCode, 'INVALID_PRODUCER_ID_MAPPING')
  },
})

export const endTxnCases = casesOf(EndTxn, {
  'commits, and gives the next epoch from version 5 on': async at => {
    const producer = await ongoing(at)
    const ended = await at.ask({ ...producer, committed: true })
    expectError(ended.errorCode, 'NONE')
    if (at.version < 5) return
    const { producerId, producerEpoch } = producer
    expect(ended).toMatchObject({ producerId, producerEpoch: producerEpoch + 1 })
  },
  'asks whether the client may': async at => {
    at.deny(action => action.startsWith('Write TransactionalId'))
    const asked = { transactionalId: 'any', producerId: 1, producerEpoch: 0, committed: true }
    expectError((await at.ask(asked)).errorCode, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
  },
})

export const describeTransactionsCases = casesOf(DescribeTransactions, {
  'describes those it knows': async at => {
    const { transactionalId, producerId } = await begun(at)
    const { transactionStates } = await at.ask({ transactionalIds: [transactionalId, 'nobody'] })
    expect(transactionStates[0]).toMatchObject({
      errorCode: 0,
      transactionState: 'Empty',
      producerId,
    })
    expectError(transactionStates[1]?.errorCode, 'TRANSACTIONAL_ID_NOT_FOUND')
  },
})

export const listTransactionsCases = casesOf(ListTransactions, {
  'lists what the filters let through': async at => {
    const { transactionalId, producerId } = await begun(at)
    const answer = await at.ask({ stateFilters: ['Nonsense'], producerIdFilters: [producerId] })
    expect(answer.unknownStateFilters).toEqual(['Nonsense'])
    const all = await at.ask({ stateFilters: [], producerIdFilters: [producerId] })
    expect(all.transactionStates).toEqual([
      { transactionalId, producerId, transactionState: 'Empty' },
    ])
  },
})

export const txnOffsetCommitCases = casesOf(TxnOffsetCommit, {
  'keeps offsets for the end of the transaction': async at => {
    const producer = await begun(at)
    const groupId = at.newName()
    expectError((await at.also(AddOffsetsToTxn, 3, { ...producer, groupId })).errorCode, 'NONE')
    const partition = { partitionIndex: 0, committedOffset: 1, committedMetadata: '' }
    const topics = [{ name: at.orders.name, partitions: [partition] }]
    const answer = await at.ask({ ...producer, groupId, memberId: '', topics })
    expectError(first(first(answer.topics).partitions).errorCode, 'NONE')
    expectError((await at.also(EndTxn, 3, { ...producer, committed: true })).errorCode, 'NONE')
  },
})

export const describeProducersCases = casesOf(DescribeProducers, {
  'describes each partition that there is': async at => {
    const { topics } = await at.ask({
      topics: [{ name: at.orders.name, partitionIndexes: [0, 7] }],
    })
    const [known, unknown] = first(topics).partitions
    expectError(known?.errorCode, 'NONE')
    expectError(unknown?.errorCode, 'UNKNOWN_TOPIC_OR_PARTITION')
  },
})

export const writeTxnMarkersCases = casesOf(WriteTxnMarkers, {
  'answers for each partition': async at => {
    const topic = await at.newTopic()
    const marker = { producerId: 7_000, producerEpoch: 0, transactionResult: false }
    const { markers } = await at.ask({
      markers: [
        {
          ...marker,
          coordinatorEpoch: 0,
          topics: [{ name: topic.name, partitionIndexes: [0, 9] }],
        },
      ],
    })
    const [known, unknown] = first(first(markers).topics).partitions
    expectError(known?.errorCode, 'NONE')
    expectError(unknown?.errorCode, 'UNKNOWN_TOPIC_OR_PARTITION')
  },
})
