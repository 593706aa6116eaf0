import {
  AddPartitionsToTxn,
  type AddPartitionsToTxnRequest,
  type ErrorName,
  errorCode,
  type ResponseInput,
} from '@varve/protocol'
import { isInternalTopic } from '../config/internal-topics.ts'
import type { VerificationRequest } from '../coordinator/transaction-verifier.ts'
import { CLUSTER_RESOURCE, handler, type RequestContext } from './handler.ts'
import { unfenced } from './unfenced.ts'

/** KIP-588: clients of versions from here on know PRODUCER_FENCED. */
const FENCED_SINCE = 2
/** Versions from here on are asked by brokers, for several transactions at once (KIP-890). */
const BROKERS_SINCE = 4

type Response = ResponseInput<typeof AddPartitionsToTxn>
type Topics = AddPartitionsToTxnRequest['v3AndBelowTopics']
type PartitionError = (topic: string, partition: number) => ErrorName

/** Adds partitions to transactions: all that are asked for, or none. */
export const addPartitionsToTxn = handler(
  AddPartitionsToTxn,
  ['Write TransactionalId', 'Write Topic', 'ClusterAction Cluster'],
  async (request, context): Promise<Response> => {
    if (context.apiVersion < BROKERS_SINCE) return await addForClient(request, context)
    if (!context.authorize('ClusterAction', 'Cluster', CLUSTER_RESOURCE))
      return { errorCode: errorCode('CLUSTER_AUTHORIZATION_FAILED') }
    const resultsByTransaction = await Promise.all(
      request.transactions.map(async transaction => ({
        transactionalId: transaction.transactionalId,
        topicResults: await addForBroker(transaction, context),
      })),
    )
    return { errorCode: 0, resultsByTransaction }
  },
)

async function addForClient(
  request: AddPartitionsToTxnRequest,
  context: RequestContext,
): Promise<Response> {
  const {
    v3AndBelowTransactionalId: transactionalId,
    v3AndBelowProducerId: producerId,
    v3AndBelowProducerEpoch: producerEpoch,
    v3AndBelowTopics: topics,
  } = request
  const answered = (errorOf: PartitionError): Response => ({
    resultsByTopicV3AndBelow: resultsOf(topics, errorOf),
  })
  if (!context.authorize('Write', 'TransactionalId', transactionalId))
    return answered(() => 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
  if (transactionalId === '') return answered(() => 'INVALID_REQUEST')
  const refusals = refusalsOf(topics, (topic, partition) => topicError(topic, partition, context))
  if (refusals !== undefined) return answered(refusals)
  const partitions = partitionsOf(topics)
  const [error = 'NONE'] = await context.broker.verifier.verify({
    ...{ transactionalId, producerId, producerEpoch, partitions },
    mode: 'add',
  })
  return answered(() => (context.apiVersion < FENCED_SINCE ? unfenced(error) : error))
}

async function addForBroker(
  transaction: AddPartitionsToTxnRequest['transactions'][number],
  context: RequestContext,
): Promise<ReturnType<typeof resultsOf>> {
  const { transactionalId, producerId, producerEpoch, topics, verifyOnly } = transaction
  const refusals = refusalsOf(topics, (topic, partition) => missing(topic, partition, context))
  if (refusals !== undefined) return resultsOf(topics, refusals)
  const partitions = partitionsOf(topics)
  const errors = await context.broker.verifier.verify({
    ...{ transactionalId, producerId, producerEpoch, partitions },
    mode: verifyOnly ? 'verify' : 'add',
  })
  let place = 0
  return resultsOf(topics, () => errors[place++] ?? 'NONE')
}

function topicError(
  topic: string,
  partition: number,
  context: RequestContext,
): ErrorName | undefined {
  // What coordinators keep is theirs alone to write.
  if (isInternalTopic(topic) || !context.authorize('Write', 'Topic', topic))
    return 'TOPIC_AUTHORIZATION_FAILED'
  return missing(topic, partition, context)
}

function missing(
  topic: string,
  partition: number,
  { broker }: RequestContext,
): ErrorName | undefined {
  const image = broker.metadata.image.topics.byName.get(topic)
  return image?.partitions[partition] === undefined ? 'UNKNOWN_TOPIC_OR_PARTITION' : undefined
}

/** What to say of each partition when one of them cannot be added: the others are not attempted. Undefined when all can. */
function refusalsOf(
  topics: Topics,
  errorOf: (topic: string, partition: number) => ErrorName | undefined,
): PartitionError | undefined {
  const isRefused = topics.some(({ name, partitions }) =>
    partitions.some(partition => errorOf(name, partition) !== undefined),
  )
  if (!isRefused) return undefined
  return (topic, partition) => errorOf(topic, partition) ?? 'OPERATION_NOT_ATTEMPTED'
}

function partitionsOf(topics: Topics): VerificationRequest['partitions'] {
  return topics.flatMap(({ name: topic, partitions }) =>
    partitions.map(partition => ({ topic, partition })),
  )
}

function resultsOf(topics: Topics, errorOf: PartitionError) {
  return topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map(partitionIndex => ({
      partitionIndex,
      partitionErrorCode: errorCode(errorOf(name, partitionIndex)),
    })),
  }))
}
