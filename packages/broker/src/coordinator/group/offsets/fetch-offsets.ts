import { type ErrorName, errorCode, type OffsetFetchResponse, ZERO_UUID } from '@varve/protocol'
import type { MetadataImage } from '../../../metadata/image.ts'
import { answer } from '../../runtime/decision.ts'
import type { GroupRequest } from '../caller.ts'
import { validateConsumerFetch } from '../consumer/validate-consumer-fetch.ts'
import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import type { FetchBudget } from './fetch-budget.ts'
import type { CommittedOffset, GroupOffsets } from './group-offsets.ts'
import { isPending } from './pending-offsets.ts'
import { isStale } from './stale-offset.ts'

/** What is asked of one group. */
export interface FetchRequest {
  readonly groupId: string
  /** Null for a client that is no member, or of a version before 9. */
  readonly memberId: string | null
  readonly memberEpoch: number
  /** Null asks for every offset that there is. */
  readonly topics: readonly FetchTopic[] | null
  /** KIP-447: a partition whose offset a transaction may change is answered UNSTABLE_OFFSET_COMMIT, and the client asks again. */
  readonly requireStable: boolean
  /** What the answer may come to, with those for the other groups of the same request. */
  readonly budget: FetchBudget
}

export interface FetchTopic {
  readonly name: string
  /** `ZERO_UUID` when the client names topics by their names. */
  readonly topicId: string
  readonly partitionIndexes: readonly number[]
}

export type FetchedGroup = OffsetFetchResponse['groups'][number]
export type FetchedTopic = FetchedGroup['topics'][number]
export type FetchedPartition = FetchedTopic['partitions'][number]

/**
 * Decides one group of an OffsetFetch. A group that is not there has no offsets, which is no error. INVALID_REQUEST: the answer would be too
 * large, because the request says the same again and again.
 */
export function fetchOffsets(
  state: GroupShardState,
  { request, ticket }: GroupRequest<FetchRequest, FetchedGroup>,
  { image }: GroupMoment,
): GroupDecision {
  const { groupId, topics } = request
  const error = refusal(state, request)
  if (error !== 'NONE') return { answers: [answer(ticket, refusedFetch(groupId, error))] }
  const { pendingOffsets } = state
  const reading: Reading = {
    ...{ offsets: state.offsets.get(groupId), image, budget: request.budget },
    isUnstable: (topic, partition) =>
      request.requireStable && isPending(pendingOffsets, groupId, { topic, partition }),
  }
  const fetched = topics === null ? allOffsets(reading) : offsetsOf(topics, reading)
  return {
    answers: [
      answer(
        ticket,
        request.budget.isSpent
          ? refusedFetch(groupId, 'INVALID_REQUEST')
          : { groupId, topics: fetched, errorCode: errorCode('NONE') },
      ),
    ],
  }
}

export function refusedFetch(groupId: string, error: ErrorName): FetchedGroup {
  return { groupId, topics: [], errorCode: errorCode(error) }
}

/** A partition without an offset to answer. */
export function noOffset(partitionIndex: number, error: ErrorName): FetchedPartition {
  return {
    partitionIndex,
    committedOffset: -1,
    committedLeaderEpoch: -1,
    metadata: '',
    errorCode: errorCode(error),
  }
}

function refusal({ groups }: GroupShardState, request: FetchRequest): ErrorName {
  const group = groups.get(request.groupId)
  return group?.kind === 'consumer' ? validateConsumerFetch(group, request) : 'NONE'
}

interface Reading {
  readonly offsets: GroupOffsets | undefined
  readonly image: MetadataImage
  readonly budget: FetchBudget
  readonly isUnstable: (topic: string, partition: number) => boolean
}

function allOffsets({ offsets, image, budget, isUnstable }: Reading): FetchedTopic[] {
  const topics: FetchedTopic[] = []
  for (const [name, committed] of offsets ?? []) {
    const partitions: FetchedPartition[] = []
    let topicId = ZERO_UUID
    for (const [partitionIndex, offset] of committed) {
      if (budget.isSpent) return topics
      if (isStale(offset, name, image)) continue
      budget.spendPartition(offset.metadata)
      partitions.push(
        isUnstable(name, partitionIndex)
          ? noOffset(partitionIndex, 'UNSTABLE_OFFSET_COMMIT')
          : fetchedPartition(partitionIndex, offset),
      )
      topicId = offset.topicId
    }
    if (partitions.length > 0) topics.push({ name, topicId, partitions })
  }
  return topics
}

function offsetsOf(
  topics: readonly FetchTopic[],
  { offsets, image, budget, isUnstable }: Reading,
): FetchedTopic[] {
  const fetched: FetchedTopic[] = []
  for (const { name, topicId, partitionIndexes } of topics) {
    const committed = offsets?.get(name)
    const partitions: FetchedPartition[] = []
    for (const partitionIndex of partitionIndexes) {
      if (budget.isSpent) return fetched
      if (isUnstable(name, partitionIndex)) {
        budget.spendPartition('')
        partitions.push(noOffset(partitionIndex, 'UNSTABLE_OFFSET_COMMIT'))
        continue
      }
      const offset = committed?.get(partitionIndex)
      const isThere = offset !== undefined && !isStale(offset, name, image)
      budget.spendPartition(isThere ? offset.metadata : '')
      partitions.push(
        isThere ? fetchedPartition(partitionIndex, offset) : noOffset(partitionIndex, 'NONE'),
      )
    }
    fetched.push({ name, topicId, partitions })
  }
  return fetched
}

function fetchedPartition(partitionIndex: number, committed: CommittedOffset): FetchedPartition {
  return {
    partitionIndex,
    committedOffset: committed.offset,
    committedLeaderEpoch: committed.leaderEpoch,
    metadata: committed.metadata,
    errorCode: errorCode('NONE'),
  }
}
