/** KIP-951: an answer that sends the client elsewhere says where. */
import type { ErrorName } from '@varve/protocol'
import type { TopicImage } from '../metadata/image.ts'
import type { RequestContext } from './handler.ts'

export interface CurrentLeader {
  readonly leaderId: number
  readonly leaderEpoch: number
}

/** The leader to name beside this error; undefined where the error has nothing to do with leadership. */
export function currentLeader(
  error: ErrorName,
  topic: TopicImage | undefined,
  index: number,
): CurrentLeader | undefined {
  if (error !== 'NOT_LEADER_OR_FOLLOWER' && error !== 'FENCED_LEADER_EPOCH') return undefined
  const image = topic?.partitions[index]
  return image === undefined
    ? undefined
    : { leaderId: image.leader, leaderEpoch: image.leaderEpoch }
}

/** Where the leaders that an answer names are reached. */
export function nodeEndpoints(
  context: RequestContext,
  leaders: readonly CurrentLeader[],
): { nodeId: number; host: string; port: number; rack: string | null }[] {
  const endpoints = []
  for (const leaderId of new Set(leaders.map(leader => leader.leaderId))) {
    const endpoint = context.broker.endpoints.of(leaderId, context.connection)
    if (endpoint === undefined) continue
    const { host, port, rack } = endpoint
    endpoints.push({ nodeId: leaderId, host, port, rack })
  }
  return endpoints
}
