import {
  type ErrorName,
  type OffsetCommitResponse,
  TxnOffsetCommit,
  type TxnOffsetCommitRequest,
  type TxnOffsetCommitResponse,
} from '@varve/protocol'
import {
  type CommitRequest,
  commitOffsets,
  refusedCommit,
} from '../coordinator/group/offsets/commit-offsets.ts'
import { OFFSETS_TOPIC } from '../coordinator/group/offsets-topic.ts'
import type { TransactionProducer } from '../coordinator/runtime/decision.ts'
import { shardOf } from '../coordinator/runtime/shard-of.ts'
import type { TopicImage } from '../metadata/image.ts'
import type { Partition } from '../replication/partition.ts'
import { callerOf } from './group-caller.ts'
import { handler, type RequestContext } from './handler.ts'
import { topicOf, unknownTopic } from './topic-address.ts'

/** Versions from here on make the offsets part of the transaction themselves (KIP-890 part 2). */
const ADDS_SINCE = 5
/** Versions from here on know TRANSACTION_ABORTABLE (KIP-890). */
const ABORTABLE_SINCE = 4

/** Commits offsets of a group as a part of a transaction (KIP-98, KIP-447): they count when the transaction is committed. */
export const txnOffsetCommit = handler(
  TxnOffsetCommit,
  ['Write TransactionalId', 'Read Group', 'Read Topic'],
  async (request, context): Promise<TxnOffsetCommitResponse> => {
    const { groupId, transactionalId, producerId, producerEpoch } = request
    const error = refusal(request, context)
    const commit = lookedUp(request, context, error)
    if (error !== undefined) return answerOf(refusedCommit(commit, error))
    if (commit.topics.every(({ topic }) => typeof topic === 'string'))
      return answerOf(refusedCommit(commit, 'NONE'))
    const place = { transactionalId, producerId, producerEpoch }
    const verification = await verify(place, groupId, context)
    if (typeof verification === 'string' && verification !== 'off')
      return answerOf(refusedCommit(commit, verification))
    const producer: TransactionProducer = { producerId, producerEpoch, verification }
    const asked: CommitRequest = { ...commit, producer }
    const caller = callerOf(context)
    const committed = await context.broker.groups.ask<OffsetCommitResponse>(groupId, {
      decide: (state, ticket, moment) =>
        commitOffsets(state, { ...caller, request: asked, ticket }, moment),
      refuse: refused => refusedCommit(asked, refused),
    })
    return answerOf(committed)
  },
)

function refusal(
  { groupId, transactionalId }: TxnOffsetCommitRequest,
  context: RequestContext,
): ErrorName | undefined {
  if (!context.authorize('Write', 'TransactionalId', transactionalId))
    return 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'
  if (!context.authorize('Read', 'Group', groupId)) return 'GROUP_AUTHORIZATION_FAILED'
  return groupId === '' ? 'INVALID_GROUP_ID' : undefined
}

interface Place {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
}

/** T7: the shard's partition has to be in the transaction. Gives what the append needs, or the error. */
async function verify(
  { transactionalId, producerId, producerEpoch }: Place,
  groupId: string,
  context: RequestContext,
): Promise<TransactionProducer['verification'] | ErrorName> {
  const { broker, apiVersion } = context
  const adds = apiVersion >= ADDS_SINCE
  if (!adds && !broker.settings.boolean('transaction.partition.verification.enable')) return 'off'
  const partition = partitionOf(groupId, context)
  if (typeof partition === 'string') return partition
  const mode = adds ? 'add' : 'verify'
  const verification = partition.beginVerificationFor({ producerId, producerEpoch, mode }, -1)
  if (verification === undefined) return undefined
  const [answer] = await broker.verifier.verify({
    ...{ transactionalId, producerId, producerEpoch, mode },
    partitions: [{ topic: partition.topic, partition: partition.partition }],
  })
  const error = answer ?? 'UNKNOWN_SERVER_ERROR'
  return error === 'NONE' ? verification : commitError(error, apiVersion)
}

function partitionOf(groupId: string, { broker }: RequestContext): Partition | ErrorName {
  const topic = topicOf(broker, 'names', OFFSETS_TOPIC)
  if (topic === undefined) return 'COORDINATOR_NOT_AVAILABLE'
  const index = shardOf(groupId, topic.partitions.length)
  if (topic.partitions[index]?.leader !== broker.brokerId) return 'NOT_COORDINATOR'
  return broker.partitions.get(topic.topicId, index) ?? 'NOT_COORDINATOR'
}

/** The coordinator's answer in words that clients of the version understand. */
function commitError(error: ErrorName, apiVersion: number): ErrorName {
  if (error === 'PRODUCER_FENCED') return 'INVALID_PRODUCER_EPOCH'
  if (error === 'TRANSACTION_ABORTABLE' && apiVersion < ABORTABLE_SINCE) return 'INVALID_TXN_STATE'
  // It is the transaction's coordinator that is busy or away, and not the group's, which the client would look for again.
  const isElsewhere = error === 'NOT_COORDINATOR' || error === 'COORDINATOR_NOT_AVAILABLE'
  const isBusy = error === 'CONCURRENT_TRANSACTIONS' && apiVersion < ADDS_SINCE
  return isElsewhere || isBusy ? 'COORDINATOR_LOAD_IN_PROGRESS' : error
}

function lookedUp(
  request: TxnOffsetCommitRequest,
  context: RequestContext,
  error: ErrorName | undefined,
): CommitRequest {
  const { groupId, memberId, groupInstanceId, generationId } = request
  return {
    ...{ groupId, memberId, instanceId: groupInstanceId, retentionTimeMs: -1 },
    generationIdOrMemberEpoch: generationId,
    topics: request.topics.map(({ name, partitions }) => {
      const topic = error ?? find(name, context)
      return { name, topicId: '', topic, partitions }
    }),
  }
}

function find(name: string, context: RequestContext): TopicImage | ErrorName {
  // Whether a topic is there is told to those alone who may read it.
  if (!context.authorize('Read', 'Topic', name)) return 'TOPIC_AUTHORIZATION_FAILED'
  return topicOf(context.broker, 'names', name) ?? unknownTopic('names')
}

function answerOf({ topics }: OffsetCommitResponse): TxnOffsetCommitResponse {
  return {
    throttleTimeMs: 0,
    topics: topics.map(({ name, partitions }) => ({ name, partitions })),
  }
}
