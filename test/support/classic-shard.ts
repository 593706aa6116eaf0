/** A shard of the group coordinator with requests of the classic protocol, in as few words as tests want them. */
import {
  type ErrorName,
  encodeSubscription,
  errorName,
  type JoinGroupResponse,
  type LeaveGroupResponse,
  type SyncGroupResponse,
} from '@varve/protocol'
import type { GroupRequest } from '../../packages/broker/src/coordinator/group/caller.ts'
import type { ClassicGroup } from '../../packages/broker/src/coordinator/group/classic/classic-group.ts'
import { classicLoaded } from '../../packages/broker/src/coordinator/group/classic/classic-loaded.ts'
import { heartbeat } from '../../packages/broker/src/coordinator/group/classic/heartbeat.ts'
import { joinGroup } from '../../packages/broker/src/coordinator/group/classic/join-group.ts'
import { leaveGroup } from '../../packages/broker/src/coordinator/group/classic/leave-group.ts'
import { syncGroup } from '../../packages/broker/src/coordinator/group/classic/sync-group.ts'
import {
  type GroupDecision,
  type GroupLogic,
  type GroupMoment,
  groupLogic,
} from '../../packages/broker/src/coordinator/group/group-logic.ts'
import type { GroupRules } from '../../packages/broker/src/coordinator/group/group-rules.ts'
import type { GroupShardState } from '../../packages/broker/src/coordinator/group/state.ts'
import { imageWith } from './metadata-image.ts'
import { PureShard } from './pure-shard.ts'

export const GROUP = 'readers'
export const SESSION_MS = 10_000
export const REBALANCE_MS = 60_000

export const classicRules: GroupRules = {
  initialRebalanceDelayMs: 0,
  minSessionTimeoutMs: 6_000,
  maxSessionTimeoutMs: 1_800_000,
  maxSize: 1_000,
  maxRecordBytes: 1_048_588,
  offsetMetadataMaxBytes: 4_096,
  offsetsRetentionMs: 604_800_000,
  offsetsRetentionCheckIntervalMs: 600_000,
  rebalanceProtocols: ['classic', 'consumer'],
  consumer: {
    maxSize: 1_000,
    assignors: ['uniform', 'range'],
    migrationPolicy: 'bidirectional',
    regexRefreshIntervalMs: 600_000,
    sessionTimeoutMsOf: () => 45_000,
    heartbeatIntervalMsOf: () => 5_000,
  },
}

/** Committed offsets, which have a timer of their own, are left out. */
const classicLogic: GroupLogic = { ...groupLogic, loaded: classicLoaded }

export interface JoinWords {
  readonly memberId?: string
  readonly instanceId?: string | null
  readonly groupId?: string
  readonly protocolType?: string
  /** Names of protocols; each has the metadata of `topics`. */
  readonly protocols?: readonly string[]
  readonly topics?: readonly string[]
  readonly metadata?: Uint8Array
  readonly sessionTimeoutMs?: number
  readonly rebalanceTimeoutMs?: number
  readonly apiVersion?: number
  readonly clientId?: string
}

export interface MemberWords {
  readonly memberId: string
  readonly generationId: number
  readonly instanceId?: string | null
  readonly groupId?: string
}

export interface SyncWords extends MemberWords {
  readonly assignments?: Readonly<Record<string, string>>
  readonly protocolType?: string | null
  readonly protocolName?: string | null
  readonly apiVersion?: number
}

export class ClassicShard extends PureShard<
  ReturnType<GroupLogic['emptyState']>,
  Parameters<GroupLogic['apply']>[1],
  Parameters<GroupLogic['fired']>[1],
  GroupRules
> {
  #lastId = 0

  constructor(rules: Partial<GroupRules> = {}, logic: GroupLogic = classicLogic) {
    super(logic, { image: imageWith(), rules: { ...classicRules, ...rules } })
  }

  group(groupId = GROUP): ClassicGroup | undefined {
    const group = this.state.groups.get(groupId)
    return group?.kind === 'classic' ? group : undefined
  }

  join(words: JoinWords = {}): Told<JoinGroupResponse> {
    const metadata =
      words.metadata ??
      encodeSubscription(1, { topics: words.topics ?? ['orders'], ownedPartitions: [] })
    return this.#told(joinGroup, words, {
      groupId: words.groupId ?? GROUP,
      sessionTimeoutMs: words.sessionTimeoutMs ?? SESSION_MS,
      rebalanceTimeoutMs: words.rebalanceTimeoutMs ?? REBALANCE_MS,
      memberId: words.memberId ?? '',
      groupInstanceId: words.instanceId ?? null,
      protocolType: words.protocolType ?? 'consumer',
      protocols: (words.protocols ?? ['range']).map(name => ({ name, metadata })),
      reason: null,
    })
  }

  /** Joins with an empty member id, and again with the one that was given out. */
  joinTwice(words: JoinWords = {}): Told<JoinGroupResponse> & { readonly memberId: string } {
    const { memberId } = this.join(words).response()
    const told = this.join({ ...words, memberId })
    return { ...told, memberId }
  }

  sync(words: SyncWords): Told<SyncGroupResponse> {
    return this.#told(syncGroup, words, {
      ...nameOf(words),
      protocolType: words.protocolType === undefined ? 'consumer' : words.protocolType,
      protocolName: words.protocolName === undefined ? 'range' : words.protocolName,
      assignments: Object.entries(words.assignments ?? {}).map(([memberId, text]) => ({
        memberId,
        assignment: Buffer.from(text),
      })),
    })
  }

  heartbeat(words: MemberWords): ErrorName {
    return this.#told(heartbeat, {}, nameOf(words)).error()
  }

  leave(
    members: readonly { readonly memberId: string; readonly instanceId?: string | null }[],
    { apiVersion = 5, groupId = GROUP } = {},
  ): Told<LeaveGroupResponse> {
    return this.#told(
      leaveGroup,
      { apiVersion },
      {
        groupId,
        memberId: apiVersion < 3 ? (members[0]?.memberId ?? '') : '',
        members: members.map(({ memberId, instanceId }) => ({
          memberId,
          groupInstanceId: instanceId ?? null,
          reason: null,
        })),
      },
    )
  }

  /** A stable group of so many dynamic members; the first leads. Each is assigned its own place. */
  stable(count: number, words: JoinWords = {}): StableGroup {
    let memberIds: string[] = []
    for (let place = 0; place < count; place++) {
      const joins = [this.joinTwice(words)]
      for (const memberId of memberIds)
        joins.push(retold(memberId, this.join({ ...words, memberId })))
      memberIds = [...memberIds, joins[0]?.memberId ?? '']
    }
    return this.settle(memberIds, words)
  }

  /** The members sync, the leader with an assignment for each. */
  settle(memberIds: readonly string[], words: JoinWords = {}): StableGroup {
    const group = this.group(words.groupId)
    const generationId = group?.generationId ?? -1
    const leaderId = group?.leaderId ?? ''
    const assignments = Object.fromEntries(memberIds.map((id, place) => [id, `of ${place}`]))
    const named = words.groupId === undefined ? {} : { groupId: words.groupId }
    const protocolName = group?.protocolName ?? null
    const protocolType = group?.protocolType ?? null
    for (const memberId of memberIds) {
      if (memberId === leaderId) continue
      this.sync({ ...named, memberId, generationId, protocolName, protocolType })
    }
    this.sync({
      ...named,
      memberId: leaderId,
      generationId,
      assignments,
      protocolName,
      protocolType,
    })
    return { memberIds, generationId, leaderId }
  }

  #told<Request, Response extends { readonly errorCode: number }>(
    decide: (
      state: GroupShardState,
      asked: GroupRequest<Request, Response>,
      moment: GroupMoment,
    ) => GroupDecision,
    { apiVersion = 9, clientId = 'client' }: { apiVersion?: number; clientId?: string },
    request: Request,
  ): Told<Response> {
    this.#lastId += 1
    const caller = { apiVersion, clientId, clientHost: '/127.0.0.1', freshId: `id${this.#lastId}` }
    const asked = this.ask<Response>((state, ticket, moment) =>
      decide(state, { ...caller, request, ticket }, moment),
    )
    return { ...asked, error: () => errorName(asked.response().errorCode) }
  }
}

export interface StableGroup {
  readonly memberIds: readonly string[]
  readonly generationId: number
  readonly leaderId: string
}

/** A request and what became of it. */
export interface Told<Response> {
  readonly isAnswered: () => boolean
  readonly response: () => Response
  readonly error: () => ErrorName
}

const retold = (memberId: string, told: Told<JoinGroupResponse>) => ({ ...told, memberId })

const nameOf = ({ groupId = GROUP, memberId, generationId, instanceId = null }: MemberWords) => ({
  groupId,
  memberId,
  generationId,
  groupInstanceId: instanceId,
})
