import {
  DescribeProducers,
  type DescribeProducersResponse,
  type ErrorName,
  errorCode,
} from '@varve/protocol'
import type { ProducerEntry } from '../log/producer-state.ts'
import { handler, type RequestContext } from './handler.ts'
import { ledPartition, topicOf, unknownTopic } from './topic-address.ts'

type PartitionAnswer = DescribeProducersResponse['topics'][number]['partitions'][number]

/** Who has written to partitions lately, and which of them have a transaction open there (KIP-664). */
export const describeProducers = handler(
  DescribeProducers,
  ['Read Topic'],
  (request, context): DescribeProducersResponse => ({
    throttleTimeMs: 0,
    topics: request.topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map(partitionIndex =>
        describe({ name, partitionIndex }, context),
      ),
    })),
  }),
)

function describe(
  { name, partitionIndex }: { readonly name: string; readonly partitionIndex: number },
  context: RequestContext,
): PartitionAnswer {
  // Whether a topic is there is told to those alone who may read it.
  if (!context.authorize('Read', 'Topic', name))
    return refused(partitionIndex, 'TOPIC_AUTHORIZATION_FAILED')
  const topic = topicOf(context.broker, 'names', name)
  if (topic === undefined) return refused(partitionIndex, unknownTopic('names'))
  const partition = ledPartition(context.broker, topic, partitionIndex)
  if (typeof partition === 'string') return refused(partitionIndex, partition)
  if (partition.isOffline) return refused(partitionIndex, 'KAFKA_STORAGE_ERROR')
  const activeProducers = Array.from(partition.activeProducers(), activeProducer)
  return { partitionIndex, errorCode: 0, errorMessage: null, activeProducers }
}

function activeProducer(entry: ProducerEntry): PartitionAnswer['activeProducers'][number] {
  return {
    producerId: entry.producerId,
    producerEpoch: entry.producerEpoch,
    lastSequence: entry.batches.at(-1)?.lastSequence ?? -1,
    lastTimestamp: entry.lastTimestamp,
    coordinatorEpoch: entry.coordinatorEpoch,
    currentTxnStartOffset: entry.transactionFirstOffset,
  }
}

function refused(partitionIndex: number, error: ErrorName): PartitionAnswer {
  return { partitionIndex, errorCode: errorCode(error), errorMessage: null, activeProducers: [] }
}
