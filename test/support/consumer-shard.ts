/** A shard of the group coordinator, and members of the consumer protocol that talk to it. */
import type { ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse } from '@varve/protocol'
import type { GroupChange } from '../../packages/broker/src/coordinator/group/change.ts'
import type { ConsumerGroup } from '../../packages/broker/src/coordinator/group/consumer/consumer-group.ts'
import { consumerGroupHeartbeat } from '../../packages/broker/src/coordinator/group/consumer/consumer-heartbeat.ts'
import type { GroupEvent } from '../../packages/broker/src/coordinator/group/event.ts'
import { groupLogic } from '../../packages/broker/src/coordinator/group/group-logic.ts'
import type {
  ConsumerGroupRules,
  GroupRules,
} from '../../packages/broker/src/coordinator/group/group-rules.ts'
import type { GroupShardState } from '../../packages/broker/src/coordinator/group/state.ts'
import type { MetadataImage } from '../../packages/broker/src/metadata/image.ts'
import { type Asked, PureShard } from './pure-shard.ts'

export type ConsumerShard = PureShard<GroupShardState, GroupChange, GroupEvent, GroupRules>

export function consumerRules(changes: Partial<ConsumerGroupRules> = {}): GroupRules {
  return {
    initialRebalanceDelayMs: 0,
    minSessionTimeoutMs: 6000,
    maxSessionTimeoutMs: 1_800_000,
    maxSize: 1000,
    maxRecordBytes: 1_048_460,
    offsetMetadataMaxBytes: 4096,
    offsetsRetentionMs: 604_800_000,
    offsetsRetentionCheckIntervalMs: 600_000,
    rebalanceProtocols: ['classic', 'consumer'],
    consumer: {
      maxSize: 10_000,
      assignors: ['uniform', 'range'],
      migrationPolicy: 'bidirectional',
      regexRefreshIntervalMs: 600_000,
      sessionTimeoutMsOf: () => 45_000,
      heartbeatIntervalMsOf: () => 5000,
      ...changes,
    },
  }
}

export function consumerShard(
  image: MetadataImage,
  rules: GroupRules = consumerRules(),
): ConsumerShard {
  return new PureShard(groupLogic, { image, rules })
}

export const GROUP = 'billing'

/** A heartbeat that says nothing beyond what is given. */
export function heartbeat(
  changes: Partial<ConsumerGroupHeartbeatRequest>,
): ConsumerGroupHeartbeatRequest {
  return {
    groupId: GROUP,
    memberId: '',
    memberEpoch: 0,
    instanceId: null,
    rackId: null,
    rebalanceTimeoutMs: -1,
    subscribedTopicNames: null,
    subscribedTopicRegex: null,
    serverAssignor: null,
    topicPartitions: null,
    ...changes,
  }
}

/** A request to join. */
export function joining(
  memberId: string,
  topics: readonly string[],
  changes: Partial<ConsumerGroupHeartbeatRequest> = {},
): ConsumerGroupHeartbeatRequest {
  return heartbeat({
    memberId,
    rebalanceTimeoutMs: 60_000,
    subscribedTopicNames: [...topics],
    topicPartitions: [],
    ...changes,
  })
}

export interface Caller {
  readonly apiVersion?: number
  readonly mayDescribe?: (topicName: string) => boolean
}

export function askHeartbeat(
  shard: ConsumerShard,
  request: ConsumerGroupHeartbeatRequest,
  { apiVersion = 1, mayDescribe = () => true }: Caller = {},
): Asked<ConsumerGroupHeartbeatResponse> {
  return shard.ask((state, ticket, moment) => {
    const caller = { clientId: 'client', clientHost: '/127.0.0.1', freshId: 'fresh-id' }
    return consumerGroupHeartbeat(
      state,
      { request, apiVersion, ...caller, mayDescribe, ticket },
      moment,
    )
  })
}

/** Sends a heartbeat that is answered at once. */
export function beat(
  shard: ConsumerShard,
  request: ConsumerGroupHeartbeatRequest,
  caller: Caller = {},
): ConsumerGroupHeartbeatResponse {
  return askHeartbeat(shard, request, caller).response()
}

export function consumerGroupOf(shard: ConsumerShard, groupId: string = GROUP): ConsumerGroup {
  const group = shard.state.groups.get(groupId)
  if (group?.kind !== 'consumer') throw new Error('there is no such consumer group')
  return group
}

/** Partitions as `topic-partition`, for reading; topic ids as the tests make them. */
export function named(
  listed:
    | readonly { readonly topicId: string; readonly partitions: readonly number[] }[]
    | undefined,
): string[] {
  return (listed ?? [])
    .flatMap(({ topicId, partitions }) =>
      partitions.map(partition => `${topicId.replace(/A+$/, '')}-${partition}`),
    )
    .sort()
}

/** What lies in the log and comes back. */
export function hardState(state: GroupShardState): unknown {
  return [...state.groups.values()].map(group => {
    if (group.kind !== 'consumer') return group
    const { soft: _soft, ...hard } = group
    return hard
  })
}
