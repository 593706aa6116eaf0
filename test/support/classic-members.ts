/** Consumers of the classic protocol that talk to a shard of the group coordinator. */
import {
  decodeAssignment,
  encodeSubscription,
  errorName,
  type HeartbeatResponse,
  type JoinGroupRequest,
  type JoinGroupResponse,
  type LeaveGroupResponse,
  type SyncGroupResponse,
} from '@varve/protocol'
import { heartbeat as decideHeartbeat } from '../../packages/broker/src/coordinator/group/classic/heartbeat.ts'
import { joinGroup } from '../../packages/broker/src/coordinator/group/classic/join-group.ts'
import { leaveGroup } from '../../packages/broker/src/coordinator/group/classic/leave-group.ts'
import { syncGroup } from '../../packages/broker/src/coordinator/group/classic/sync-group.ts'
import { type ConsumerShard, GROUP } from './consumer-shard.ts'
import type { Asked } from './pure-shard.ts'

const caller = { clientId: 'client', clientHost: '/127.0.0.1', freshId: 'fresh-id' }

export interface Subscribing {
  readonly topics: readonly string[]
  readonly owned?: readonly { readonly topic: string; readonly partitions: readonly number[] }[]
  readonly userData?: Uint8Array
  /** The id that the broker makes up for a member without one. */
  readonly freshId?: string
}

export const protocolsOf = ({ topics, owned = [], userData }: Subscribing) => [
  {
    name: 'range',
    metadata: encodeSubscription(1, {
      topics: [...topics],
      userData: userData ?? null,
      ownedPartitions: owned.map(({ topic, partitions }) => ({
        topic,
        partitions: [...partitions],
      })),
    }),
  },
]

export function askJoin(
  shard: ConsumerShard,
  memberId: string,
  subscribing: Subscribing,
  changes: Partial<JoinGroupRequest> = {},
): Asked<JoinGroupResponse> {
  const { freshId = caller.freshId } = subscribing
  const request: JoinGroupRequest = {
    groupId: GROUP,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 60_000,
    memberId,
    groupInstanceId: null,
    protocolType: 'consumer',
    protocols: protocolsOf(subscribing),
    reason: null,
    ...changes,
  }
  return shard.ask((state, ticket, moment) =>
    joinGroup(state, { ...caller, freshId, request, apiVersion: 9, ticket }, moment),
  )
}

export function askSync(
  shard: ConsumerShard,
  memberId: string,
  generationId: number,
  assignments: { readonly memberId: string; readonly assignment: Uint8Array }[] = [],
): Asked<SyncGroupResponse> {
  const agreed = { groupInstanceId: null, protocolType: 'consumer', protocolName: 'range' }
  const request = { groupId: GROUP, memberId, generationId, assignments, ...agreed }
  return shard.ask((state, ticket, moment) =>
    syncGroup(state, { ...caller, request, apiVersion: 5, ticket }, moment),
  )
}

/** What a member gets, as `topic-partition`; or the error. */
export function synced(shard: ConsumerShard, memberId: string, generationId: number) {
  const { errorCode, assignment } = askSync(shard, memberId, generationId).response()
  if (errorCode !== 0) return errorName(errorCode)
  return decodeAssignment(assignment)
    .assignedPartitions.flatMap(({ topic, partitions }) => partitions.map(one => `${topic}-${one}`))
    .sort()
}

/** What the broker says to the heartbeat of a classic member. */
export function classicBeat(shard: ConsumerShard, memberId: string, generationId: number): string {
  const request = { groupId: GROUP, memberId, generationId, groupInstanceId: null }
  const asked = shard.ask<HeartbeatResponse>((state, ticket, moment) =>
    decideHeartbeat(state, { ...caller, request, apiVersion: 4, ticket }, moment),
  )
  return errorName(asked.response().errorCode) ?? ''
}

export function classicLeave(shard: ConsumerShard, memberIds: readonly string[]): string[] {
  const members = memberIds.map(memberId => ({ memberId, groupInstanceId: null, reason: null }))
  const request = { groupId: GROUP, memberId: '', members }
  const asked = shard.ask<LeaveGroupResponse>((state, ticket, moment) =>
    leaveGroup(state, { ...caller, request, apiVersion: 5, ticket }, moment),
  )
  return asked.response().members.map(({ errorCode }) => errorName(errorCode) ?? '')
}
