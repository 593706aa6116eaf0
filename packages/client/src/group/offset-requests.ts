import { OffsetCommit, OffsetFetch, type OffsetFetchResponse, ZERO_UUID } from '@varve/protocol'
import { byTopic } from '../cluster/by-topic.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { Coordinator } from '../cluster/coordinator.ts'
import type { TopicPartition } from '../consumer/topic-partition.ts'
import { ProtocolError, protocolError } from '../errors.ts'
import { partitionKey } from './assignors/claims.ts'
import type { MemberIdentity } from './membership.ts'

/** How far a group has come in a partition. */
export interface OffsetToCommit extends TopicPartition {
  /** The offset of the next record to read. */
  readonly offset: number
  /** A text that is kept with it. Default: none. */
  readonly metadata?: string
}

/** What a group has committed of a partition. */
export interface CommittedOffset extends TopicPartition {
  /** -1: nothing. */
  readonly offset: number
  /** The leader epoch of the record before it; -1: not known. */
  readonly leaderEpoch: number
  readonly metadata: string | null
  readonly error: ProtocolError | undefined
}

/** Whatever belongs to one topic rather than to all that ever had its name. */
interface KnownTopic {
  readonly topicId: string | undefined
}

export interface OffsetRequestParts {
  readonly cluster: Cluster
  readonly coordinator: Coordinator
  readonly groupId: string
}

/** Since which versions topics are named by id (KIP-848). */
const FIRST_COMMIT_VERSION_BY_ID = 10
const FIRST_FETCH_VERSION_BY_ID = 10
/** Since which version several groups are asked for at once (KIP-709). */
const FIRST_FETCH_VERSION_BATCHED = 8
/** Since which version offsets of transactions that are still open can be waited for (KIP-447). */
const FIRST_FETCH_VERSION_STABLE = 7

/** Commits; gives the error of each partition that has one, by its key. */
export async function commitOffsets(
  { cluster, coordinator, groupId }: OffsetRequestParts,
  identity: MemberIdentity,
  offsets: readonly (OffsetToCommit & { readonly source?: KnownTopic | undefined })[],
): Promise<ReadonlyMap<string, ProtocolError>> {
  const topics = topicsOf(cluster, offsets, ({ source }) => source?.topicId)
  const names = new Map(topics.map(({ topicId, name }) => [topicId, name]))
  const response = await coordinator.request(
    OffsetCommit,
    {
      groupId,
      ...identity,
      topics: topics.map(({ name, topicId, items }) => ({
        name,
        topicId,
        partitions: items.map(({ partition, offset, metadata }) => ({
          partitionIndex: partition,
          committedOffset: offset,
          committedMetadata: metadata ?? null,
        })),
      })),
    },
    {
      lane: 'requests',
      timeoutMs: cluster.settings.requestTimeoutMs,
      newestVersion: newestVersion(topics, OffsetCommit.versions[1], FIRST_COMMIT_VERSION_BY_ID),
    },
  )
  const errors = new Map<string, ProtocolError>()
  const answered = new Set<string>()
  for (const { name, topicId, partitions } of response.topics) {
    const topic = name === '' ? (names.get(topicId) ?? '') : name
    for (const { partitionIndex: partition, errorCode } of partitions) {
      const key = partitionKey({ topic, partition })
      answered.add(key)
      const about = `committing ${topic}-${partition} for group ${groupId}`
      const error = protocolError(errorCode, { about })
      if (error !== undefined) errors.set(key, error)
    }
  }
  for (const at of offsets) {
    const key = partitionKey(at)
    if (answered.has(key)) continue
    const about = `committing ${at.topic}-${at.partition} for group ${groupId}`
    errors.set(key, new ProtocolError('UNKNOWN_SERVER_ERROR', about, 'the broker left it out'))
  }
  return errors
}

/** Reads what is committed, one result per partition, in their order. Offsets of open transactions are waited for. */
export async function fetchCommitted(
  { cluster, coordinator, groupId }: OffsetRequestParts,
  identity: MemberIdentity | undefined,
  partitions: readonly (TopicPartition | (TopicPartition & KnownTopic))[],
): Promise<CommittedOffset[]> {
  const idOf = (at: TopicPartition | KnownTopic) => ('topicId' in at ? at.topicId : undefined)
  const topics = topicsOf(cluster, partitions, idOf).map(({ name, topicId, items }) => ({
    name,
    topicId,
    partitionIndexes: items.map(({ partition }) => partition),
  }))
  const member =
    identity === undefined
      ? {}
      : { memberId: identity.memberId, memberEpoch: identity.generationIdOrMemberEpoch }
  const response = await coordinator.request(
    OffsetFetch,
    version => ({
      ...(version < FIRST_FETCH_VERSION_BATCHED
        ? {
            groupId,
            topics: topics.map(({ name, partitionIndexes }) => ({ name, partitionIndexes })),
          }
        : { groups: [{ groupId, ...member, topics }] }),
      requireStable: version >= FIRST_FETCH_VERSION_STABLE,
    }),
    {
      lane: 'requests',
      timeoutMs: cluster.settings.requestTimeoutMs,
      newestVersion: newestVersion(topics, OffsetFetch.versions[1], FIRST_FETCH_VERSION_BY_ID),
    },
  )
  const found = answersOf(response, new Map(topics.map(({ topicId, name }) => [topicId, name])))
  return partitions.map(at => {
    const about = `the offset that group ${groupId} committed of ${at.topic}-${at.partition}`
    const answer = found.get(partitionKey(at))
    return {
      topic: at.topic,
      partition: at.partition,
      offset: answer?.committedOffset ?? -1,
      leaderEpoch: answer?.committedLeaderEpoch ?? -1,
      metadata: answer?.metadata ?? null,
      error:
        answer === undefined
          ? new ProtocolError('UNKNOWN_SERVER_ERROR', about, 'the broker left it out')
          : protocolError(answer.errorCode, { about }),
    }
  })
}

function answersOf(response: OffsetFetchResponse, names: ReadonlyMap<string, string>) {
  const [group] = response.groups
  const errorCode = group?.errorCode ?? response.errorCode
  const error = protocolError(errorCode, { about: 'reading committed offsets' })
  if (error !== undefined) throw error
  type Answer = OffsetFetchResponse['topics'][number]['partitions'][number]
  const answers = new Map<string, Answer>()
  const byName = (group?.topics ?? []).map(({ name, topicId, partitions }) => ({
    name: name === '' ? (names.get(topicId) ?? '') : name,
    partitions,
  }))
  for (const { name: topic, partitions } of group === undefined ? response.topics : byName) {
    for (const answer of partitions)
      answers.set(partitionKey({ topic, partition: answer.partitionIndex }), answer)
  }
  return answers
}

/** A topic that was created again has another id: `idOf` says which one is meant, if that is known. */
function topicsOf<Item extends TopicPartition>(
  cluster: Cluster,
  items: readonly Item[],
  idOf: (item: Item) => string | undefined,
) {
  return byTopic(items).flatMap(([name, ofTopic]) => {
    const known = cluster.image.topics.get(name)?.topicId ?? ZERO_UUID
    const byId = new Map<string, Item[]>()
    for (const item of ofTopic) {
      const topicId = idOf(item) ?? known
      byId.set(topicId, [...(byId.get(topicId) ?? []), item])
    }
    return [...byId].map(([topicId, ofId]) => ({ name, topicId, items: ofId }))
  })
}

/** Topics can only be named by id when the ids of all are known. */
function newestVersion(
  topics: readonly { readonly topicId: string }[],
  newest: number,
  firstById: number,
): number {
  return topics.every(({ topicId }) => topicId !== ZERO_UUID) ? newest : firstById - 1
}
