import { OffsetCommit, OffsetDelete, OffsetFetch, type OffsetFetchResponse } from '@varve/protocol'
import type { Call } from '../cluster/ask.ts'
import { byTopic } from '../cluster/by-topic.ts'
import type { PartitionOutcome } from '../cluster/outcome.ts'
import type { TopicPartition } from '../consumer/topic-partition.ts'
import { ProtocolError, protocolError } from '../errors.ts'
import type { CommittedOffset, OffsetToCommit } from '../group/offset-requests.ts'
import { askCoordinators, type CoordinatorImage, isCoordinatorError } from './coordinators.ts'
import type { GroupOffsets, GroupOffsetsQuery } from './group-results.ts'

/** From version 10 on topics are named by id (KIP-848); a group may have committed for topics that are gone, which have none. */
const NEWEST_VERSION_BY_NAME = 9
/** Since which version OffsetFetch asks for several groups at once (KIP-709). */
const FIRST_VERSION_BATCHED = 8
/** Since which version all offsets of a group can be asked for (KIP-88), and stable ones (KIP-447). */
const FIRST_VERSION_OF_ALL = 2
const FIRST_VERSION_STABLE = 7

/** How committed offsets are looked up. */
export interface GroupOffsetsOptions {
  /** Wait for transactions that have offsets of the group under way (KIP-447). Default: false. */
  readonly requireStable?: boolean
}

/** Looks up committed offsets; one result per group, in their order. */
export function groupOffsets(
  call: Call,
  queries: readonly GroupOffsetsQuery[],
  options: GroupOffsetsOptions,
): Promise<GroupOffsets[]> {
  const requireStable = options.requireStable ?? false
  return askCoordinators(call, {
    items: queries,
    failed: ({ groupId }, error) => ({ groupId, offsets: [], error }),
    ask: async (coordinator, items, timeoutMs) => {
      const how = { coordinator, timeoutMs, requireStable }
      const connection = await call.cluster.connection(coordinator, 'requests')
      const version = connection.versionOf(OffsetFetch, NEWEST_VERSION_BY_NAME)
      if (version >= FIRST_VERSION_BATCHED) return fetchGroups(call, items, how)
      return Promise.all(items.map(query => fetchGroup(call, query, how)))
    },
  })
}

interface FetchHow {
  readonly coordinator: CoordinatorImage
  readonly timeoutMs: number
  readonly requireStable: boolean
}

async function fetchGroups(
  call: Call,
  queries: readonly GroupOffsetsQuery[],
  { coordinator, timeoutMs, requireStable }: FetchHow,
): Promise<GroupOffsets[]> {
  const groups = queries.map(({ groupId, partitions }) => ({
    groupId,
    topics: topicsOf(partitions),
  }))
  const options = { timeoutMs, newestVersion: NEWEST_VERSION_BY_NAME }
  const request = { groups, requireStable }
  const response = await call.cluster.request(coordinator, OffsetFetch, request, options)
  return queries.map(query => {
    const answer = response.groups.find(({ groupId }) => groupId === query.groupId)
    return offsetsOf(query, answer)
  })
}

async function fetchGroup(
  call: Call,
  query: GroupOffsetsQuery,
  { coordinator, timeoutMs, requireStable }: FetchHow,
): Promise<GroupOffsets> {
  const { groupId, partitions } = query
  const response = await call.cluster.request(
    coordinator,
    OffsetFetch,
    version => {
      const isTooOld =
        (version < FIRST_VERSION_OF_ALL && partitions === undefined) ||
        (version < FIRST_VERSION_STABLE && requireStable)
      if (isTooOld) throw new ProtocolError('UNSUPPORTED_VERSION', aboutGroup(groupId))
      return {
        groupId,
        topics: topicsOf(partitions),
        ...(version >= FIRST_VERSION_STABLE ? { requireStable } : {}),
      }
    },
    { timeoutMs, newestVersion: FIRST_VERSION_BATCHED - 1 },
  )
  return offsetsOf(query, response)
}

function aboutGroup(groupId: string): string {
  return `reading the committed offsets of group ${groupId}`
}

type FetchedGroup = Pick<OffsetFetchResponse, 'topics' | 'errorCode'>

function offsetsOf(query: GroupOffsetsQuery, answer: FetchedGroup | undefined): GroupOffsets {
  const { groupId } = query
  const about = aboutGroup(groupId)
  if (answer === undefined) {
    const error = new ProtocolError('UNKNOWN_SERVER_ERROR', about, 'the broker left it out')
    return { groupId, offsets: [], error }
  }
  const offsets = answer.topics.flatMap(({ name, partitions }) =>
    partitions.map(
      (partition): CommittedOffset => ({
        topic: name,
        partition: partition.partitionIndex,
        offset: partition.committedOffset,
        leaderEpoch: partition.committedLeaderEpoch,
        metadata: partition.metadata,
        error: protocolError(partition.errorCode, { about }),
      }),
    ),
  )
  // Before version 2 there was no place for an error of the group but its partitions.
  const ofCoordinator = offsets.find(({ error }) => isCoordinatorError(error))?.error
  return {
    groupId,
    offsets: offsets.sort(byPlace),
    error: protocolError(answer.errorCode, { about }) ?? ofCoordinator,
  }
}

function byPlace(a: TopicPartition, b: TopicPartition): number {
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1
  return a.partition - b.partition
}

function topicsOf(partitions: readonly TopicPartition[] | undefined) {
  if (partitions === undefined) return null
  return byTopic(partitions).map(([name, items]) => ({
    name,
    partitionIndexes: items.map(({ partition }) => partition),
  }))
}

/**
 * Sets what a group has committed, as somebody who is no member: the broker refuses it with `UNKNOWN_MEMBER_ID` while the group
 * has members. One result per partition, in their order.
 */
export function alterGroupOffsets(
  call: Call,
  groupId: string,
  offsets: readonly OffsetToCommit[],
): Promise<PartitionOutcome[]> {
  const topics = byTopic(offsets).map(([name, items]) => ({
    name,
    partitions: items.map(({ partition, offset, metadata }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedMetadata: metadata ?? '',
    })),
  }))
  return changeOffsets(call, {
    groupId,
    partitions: offsets,
    doing: 'committing',
    ask: async (coordinator, timeoutMs) => {
      const options = { timeoutMs, newestVersion: NEWEST_VERSION_BY_NAME }
      const request = { groupId, topics }
      const response = await call.cluster.request(coordinator, OffsetCommit, request, options)
      return { errorCode: 0, topics: response.topics }
    },
  })
}

/**
 * Forgets what a group has committed of partitions; refused with `GROUP_SUBSCRIBED_TO_TOPIC` while members read their topics.
 * One result per partition, in their order.
 */
export function deleteGroupOffsets(
  call: Call,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<PartitionOutcome[]> {
  const topics = byTopic(partitions).map(([name, items]) => ({
    name,
    partitions: items.map(({ partition }) => ({ partitionIndex: partition })),
  }))
  return changeOffsets(call, {
    groupId,
    partitions,
    doing: 'deleting the committed offset of',
    ask: (coordinator, timeoutMs) =>
      call.cluster.request(coordinator, OffsetDelete, { groupId, topics }, { timeoutMs }),
  })
}

interface OffsetsChange {
  readonly groupId: string
  readonly partitions: readonly TopicPartition[]
  readonly doing: string
  readonly ask: (
    coordinator: CoordinatorImage,
    timeoutMs: number,
  ) => Promise<{
    readonly errorCode: number
    readonly topics: readonly {
      readonly name: string
      readonly partitions: readonly {
        readonly partitionIndex: number
        readonly errorCode: number
      }[]
    }[]
  }>
}

async function changeOffsets(call: Call, change: OffsetsChange): Promise<PartitionOutcome[]> {
  const { groupId, partitions, doing } = change
  if (partitions.length === 0) return []
  const outcomes = (outcome: (at: TopicPartition) => ProtocolError | undefined) =>
    partitions.map(at => ({ topic: at.topic, partition: at.partition, error: outcome(at) }))
  const [changed] = await askCoordinators(call, {
    items: [{ groupId }],
    failed: (_, error) => ({ error, partitions: outcomes(() => error) }),
    ask: async (coordinator, _, timeoutMs) => {
      const answer = await change.ask(coordinator, timeoutMs)
      const codes = new Map<string, number>()
      for (const { name, partitions: ofTopic } of answer.topics) {
        for (const { partitionIndex, errorCode } of ofTopic)
          codes.set(`${partitionIndex} ${name}`, errorCode)
      }
      const results = outcomes(({ topic, partition }) => {
        const about = `${doing} ${topic}-${partition} for group ${groupId}`
        const code = codes.get(`${partition} ${topic}`)
        if (answer.errorCode !== 0) return protocolError(answer.errorCode, { about })
        if (code !== undefined) return protocolError(code, { about })
        return new ProtocolError('UNKNOWN_SERVER_ERROR', about, 'the broker left it out')
      })
      // Coordinators that moved say so of every partition.
      const error = results.find(result => isCoordinatorError(result.error))?.error
      return [{ error, partitions: results }]
    },
  })
  return changed?.partitions ?? []
}
