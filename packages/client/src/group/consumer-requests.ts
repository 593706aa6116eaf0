import { ConsumerGroupHeartbeat, type ConsumerGroupHeartbeatResponse } from '@varve/protocol'
import type { Coordinator } from '../cluster/coordinator.ts'
import { protocolError } from '../errors.ts'
import type { ClientSettings } from '../settings.ts'
import type { GroupSettings } from './options.ts'

/** The member epoch of a heartbeat that joins, that leaves, and that leaves for a while (static members). */
export const JOIN_EPOCH = 0
export const LEAVE_EPOCH = -1
export const LEAVE_FOR_A_WHILE_EPOCH = -2

export interface TopicIdPartitions {
  readonly topicId: string
  readonly partitions: readonly number[]
}

export interface HeartbeatInput {
  readonly memberId: string
  readonly memberEpoch: number
  /** Undefined: unchanged since the last heartbeat. */
  readonly owned: readonly TopicIdPartitions[] | undefined
  /** Whether to say everything, as when joining, or only that the member is alive. */
  readonly extent: 'full' | 'alive'
}

export interface ConsumerRequestParts {
  readonly client: ClientSettings
  readonly coordinator: Coordinator
  readonly settings: GroupSettings
  readonly topics: readonly string[]
  readonly rackId: string
}

/** Sends the one request that a member of a KIP-848 group has. An answer that is an error is thrown. */
export async function consumerHeartbeat(
  { client, coordinator, settings, topics, rackId }: ConsumerRequestParts,
  { memberId, memberEpoch, owned, extent }: HeartbeatInput,
  options: { readonly lane: 'coordinator' | 'requests'; readonly timeoutMs?: number },
): Promise<ConsumerGroupHeartbeatResponse> {
  const { groupId, groupInstanceId, topicPattern, groupRemoteAssignor } = settings
  const all = {
    rackId: rackId === '' ? null : rackId,
    rebalanceTimeoutMs: settings.rebalanceTimeoutMs,
    subscribedTopicNames: [...topics],
    ...(topicPattern === undefined ? {} : { subscribedTopicRegex: topicPattern }),
    serverAssignor: groupRemoteAssignor,
  }
  const response = await coordinator.request(
    ConsumerGroupHeartbeat,
    {
      groupId,
      memberId,
      memberEpoch,
      instanceId: groupInstanceId,
      ...(extent === 'full' ? all : {}),
      ...(owned === undefined
        ? {}
        : {
            topicPartitions: owned.map(({ topicId, partitions }) => ({
              topicId,
              partitions: [...partitions],
            })),
          }),
    },
    {
      lane: options.lane,
      timeoutMs:
        options.timeoutMs ?? Math.min(client.requestTimeoutMs, settings.sessionTimeoutMs / 2),
    },
  )
  const about = `the heartbeat in group ${groupId}`
  const error = protocolError(response.errorCode, { about, detail: response.errorMessage })
  if (error !== undefined) throw error
  return response
}
