/** A whole shard of the group coordinator, with committed offsets in as few words as tests want them. */
import { type ErrorName, errorName, type OffsetCommitResponse, ZERO_UUID } from '@varve/protocol'
import { deleteGroup } from '../../packages/broker/src/coordinator/group/admin/delete-group.ts'
import { groupLogic } from '../../packages/broker/src/coordinator/group/group-logic.ts'
import type { GroupRules } from '../../packages/broker/src/coordinator/group/group-rules.ts'
import { commitOffsets } from '../../packages/broker/src/coordinator/group/offsets/commit-offsets.ts'
import {
  type DeleteAnswer,
  deleteOffsets,
} from '../../packages/broker/src/coordinator/group/offsets/delete-offsets.ts'
import { FetchBudget } from '../../packages/broker/src/coordinator/group/offsets/fetch-budget.ts'
import {
  type FetchedGroup,
  fetchOffsets,
} from '../../packages/broker/src/coordinator/group/offsets/fetch-offsets.ts'
import type { GroupShardState } from '../../packages/broker/src/coordinator/group/state.ts'
import type { MetadataChange } from '../../packages/broker/src/metadata/change.ts'
import { ClassicShard, GROUP } from './classic-shard.ts'
import { imageWith, newTopic } from './metadata-image.ts'

export interface CommitWords {
  readonly groupId?: string
  readonly memberId?: string
  readonly instanceId?: string | null
  readonly generation?: number
  readonly retentionTimeMs?: number
  readonly metadata?: string | null
  readonly leaderEpoch?: number
  readonly apiVersion?: number
}

/** Offsets by `topic-partition`. */
export type Offsets = Readonly<Record<string, number>>

const TOPICS = [...newTopic('orders', 3), ...newTopic('other', 2)]

/** There are the topics `orders` with three partitions and `other` with two, and whatever else `changes` make. */
export class GroupShard extends ClassicShard {
  constructor(rules: Partial<GroupRules> = {}, ...changes: readonly MetadataChange[]) {
    super(rules, groupLogic)
    this.image = imageWith(...TOPICS, ...changes)
    this.restart()
  }

  /** What each partition was answered, in order. */
  commit(offsets: Offsets, words: CommitWords = {}): readonly ErrorName[] {
    const { topics } = this.commitAs(offsets, words).response()
    return topics.flatMap(({ partitions }) =>
      partitions.map(({ errorCode }) => errorName(errorCode)),
    )
  }

  commitAs(offsets: Offsets, words: CommitWords = {}) {
    const request = {
      groupId: words.groupId ?? GROUP,
      memberId: words.memberId ?? '',
      instanceId: words.instanceId ?? null,
      generationIdOrMemberEpoch: words.generation ?? -1,
      retentionTimeMs: words.retentionTimeMs ?? -1,
      topics: Object.entries(offsets).map(([place, committedOffset]) => {
        const [name, partitionIndex] = placed(place)
        return {
          name,
          topicId: ZERO_UUID,
          topic: this.image.topics.byName.get(name) ?? ('UNKNOWN_TOPIC_OR_PARTITION' as const),
          partitions: [
            {
              partitionIndex,
              committedOffset,
              committedLeaderEpoch: words.leaderEpoch ?? -1,
              committedMetadata: words.metadata === undefined ? 'm' : words.metadata,
            },
          ],
        }
      }),
    }
    const caller = { ...CALLER, apiVersion: words.apiVersion ?? 9 }
    return this.ask<OffsetCommitResponse>((state, ticket, moment) =>
      commitOffsets(state, { ...caller, request, ticket }, moment),
    )
  }

  /** The committed offsets of a group, as clients are told. */
  committed(groupId: string = GROUP): Offsets {
    const offsets: Record<string, number> = {}
    for (const { name, partitions } of this.fetch(groupId).topics) {
      for (const { partitionIndex, committedOffset } of partitions)
        offsets[`${name}-${partitionIndex}`] = committedOffset
    }
    return offsets
  }

  fetch(groupId: string, who: FetchWords = {}): FetchedGroup {
    const { memberId = null, memberEpoch = -1, requireStable = false } = who
    const topics =
      who.places?.map(place => {
        const [name, partitionIndex] = placed(place)
        return { name, topicId: ZERO_UUID, partitionIndexes: [partitionIndex] }
      }) ?? null
    const budget = new FetchBudget()
    const request = { groupId, memberId, memberEpoch, topics, budget, requireStable }
    return this.ask<FetchedGroup>((state, ticket, moment) =>
      fetchOffsets(state, { ...CALLER, request, ticket }, moment),
    ).response()
  }

  /** The error of the whole request, or what each partition was answered. */
  deleteOffsets(
    places: readonly string[],
    { groupId = GROUP, forbidden = [] as readonly string[] } = {},
  ): ErrorName | readonly ErrorName[] {
    const topics = places.map(place => {
      const [name, partitionIndex] = placed(place)
      return { name, partitions: [{ partitionIndex }] }
    })
    const request = { groupId, topics, forbidden: new Set(forbidden) }
    const told = this.ask<DeleteAnswer>((state, ticket, moment) =>
      deleteOffsets(state, { ...CALLER, request, ticket }, moment),
    ).response()
    if (typeof told === 'string') return told
    return told.flatMap(partitions => partitions.map(({ error }) => error))
  }

  deleteGroup(groupId: string = GROUP): ErrorName {
    return this.ask<ErrorName>((state, ticket) => deleteGroup(state, groupId, ticket)).response()
  }

  changeTopics(...changes: readonly MetadataChange[]): void {
    this.changeImage(imageWith(...TOPICS, ...changes))
  }
}

export interface FetchWords {
  readonly memberId?: string | null
  readonly memberEpoch?: number
  /** Whether offsets that a transaction may still change are held back (KIP-447); not, if left out. */
  readonly requireStable?: boolean
  /** All, if left out. */
  readonly places?: readonly string[]
}

/** The committed offsets of a state, whole, for comparing two. */
export function offsetsOf(state: GroupShardState): unknown {
  return [...state.offsets].toSorted(byKey).map(([groupId, topics]) => ({
    groupId,
    topics: [...topics].toSorted(byKey).map(([topic, partitions]) => ({
      topic,
      partitions: [...partitions].toSorted(([a], [b]) => a - b),
    })),
  }))
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : Number(a > b)

const CALLER = { apiVersion: 9, clientId: 'client', clientHost: '/127.0.0.1', freshId: '' }

function placed(place: string): readonly [topic: string, partition: number] {
  const dash = place.lastIndexOf('-')
  return [place.slice(0, dash), Number(place.slice(dash + 1))]
}
