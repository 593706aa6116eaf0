import { DescribeProducers, type DescribeProducersResponse, WriteTxnMarkers } from '@varve/protocol'
import { askLeaders, type Call } from '../cluster/ask.ts'
import { byTopic } from '../cluster/by-topic.ts'
import type { BrokerImage } from '../cluster/image.ts'
import type { PartitionOutcome } from '../cluster/outcome.ts'
import type { TopicPartition } from '../consumer/topic-partition.ts'
import { ProtocolError, protocolError } from '../errors.ts'
import { partitionKey } from '../group/assignors/claims.ts'
import type {
  DescribedProducer,
  DescribedProducers,
  TransactionToAbort,
} from './transaction-results.ts'

/** Asks the leaders who has written to partitions; one result per partition, in their order. */
export function describeProducers(
  call: Call,
  partitions: readonly TopicPartition[],
): Promise<DescribedProducers[]> {
  return askLeaders(call, {
    items: partitions,
    failed: ({ topic, partition }, error) => ({ topic, partition, producers: [], error }),
    ask: (leader, items, timeoutMs) => producersAt(call, { leader, items, timeoutMs }),
  })
}

async function producersAt(
  call: Call,
  to: { leader: BrokerImage; items: readonly TopicPartition[]; timeoutMs: number },
): Promise<DescribedProducers[]> {
  const topics = byTopic(to.items).map(([name, items]) => ({
    name,
    partitionIndexes: items.map(({ partition }) => partition),
  }))
  const { timeoutMs } = to
  const response = await call.cluster.request(
    to.leader,
    DescribeProducers,
    { topics },
    { timeoutMs },
  )
  const answers = new Map(
    response.topics.flatMap(({ name: topic, partitions }) =>
      partitions.map(answer => [partitionKey({ topic, partition: answer.partitionIndex }), answer]),
    ),
  )
  return to.items.map(({ topic, partition }) => {
    const about = `describing the producers of ${topic}-${partition}`
    const answer = answers.get(partitionKey({ topic, partition }))
    const error =
      answer === undefined
        ? new ProtocolError('UNKNOWN_SERVER_ERROR', about, 'the broker left it out')
        : protocolError(answer.errorCode, { about, detail: answer.errorMessage })
    return { topic, partition, producers: (answer?.activeProducers ?? []).map(producer), error }
  })
}

type ActiveProducer =
  DescribeProducersResponse['topics'][number]['partitions'][number]['activeProducers'][number]

function producer({ currentTxnStartOffset, ...rest }: ActiveProducer): DescribedProducer {
  const { producerId, producerEpoch, lastSequence, lastTimestamp, coordinatorEpoch } = rest
  return {
    ...{ producerId, producerEpoch, lastSequence, lastTimestamp, coordinatorEpoch },
    transactionStartOffset: currentTxnStartOffset < 0 ? undefined : currentTxnStartOffset,
  }
}

/** Has the leader of a partition abort what a producer has open there, whatever its coordinator says. */
export async function abortTransaction(
  call: Call,
  transaction: TransactionToAbort,
): Promise<PartitionOutcome> {
  const { topic, partition, producerId, producerEpoch, coordinatorEpoch } = transaction
  const about = `aborting the transaction of producer ${producerId} in ${topic}-${partition}`
  const [outcome] = await askLeaders(call, {
    items: [{ topic, partition }],
    failed: (item, error): PartitionOutcome => ({ ...item, error }),
    ask: async (leader, _, timeoutMs): Promise<PartitionOutcome[]> => {
      const marker = {
        ...{ producerId, producerEpoch, transactionResult: false },
        topics: [{ name: topic, partitionIndexes: [partition] }],
        coordinatorEpoch: Math.max(0, coordinatorEpoch),
      }
      const request = { markers: [marker] }
      const response = await call.cluster.request(leader, WriteTxnMarkers, request, { timeoutMs })
      const answer = response.markers[0]?.topics[0]?.partitions[0]
      const error =
        answer === undefined
          ? new ProtocolError('UNKNOWN_SERVER_ERROR', about, 'the broker left it out')
          : protocolError(answer.errorCode, { about })
      return [{ topic, partition, error }]
    },
  })
  return outcome as PartitionOutcome
}
