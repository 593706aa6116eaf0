import {
  api,
  array,
  boolean,
  int16,
  int32,
  int64,
  type RequestOf,
  type ResponseOf,
  string,
} from '../schema/index.ts'

const topicToAdd = {
  name: string,
  partitions: array(int32),
}

const topicResult = {
  name: string,
  resultsByPartition: array({
    partitionIndex: int32,
    partitionErrorCode: int16,
  }),
}

/**
 * Adds partitions to transactions (KIP-98). Clients send up to version 3, with one transaction; brokers send later versions,
 * with several, and may ask only whether the partitions are in them (KIP-890).
 */
export const AddPartitionsToTxn = api({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: [0, 5],
  flexible: 3,
  request: {
    transactions: array({
      transactionalId: string,
      producerId: int64,
      producerEpoch: int16,
      verifyOnly: boolean,
      topics: array(topicToAdd),
    }).since(4), // KIP-890
    v3AndBelowTransactionalId: string.until(3),
    v3AndBelowProducerId: int64.until(3),
    v3AndBelowProducerEpoch: int16.until(3),
    v3AndBelowTopics: array(topicToAdd).until(3),
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    errorCode: int16.since(4).ignorable(),
    resultsByTransaction: array({
      transactionalId: string,
      topicResults: array(topicResult),
    }).since(4),
    resultsByTopicV3AndBelow: array(topicResult).until(3),
  },
})
export type AddPartitionsToTxnRequest = RequestOf<typeof AddPartitionsToTxn>
export type AddPartitionsToTxnResponse = ResponseOf<typeof AddPartitionsToTxn>
