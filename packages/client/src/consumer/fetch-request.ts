import { Fetch, type FetchResponse } from '@varve/protocol'
import type { Connection } from '../network/connection.ts'
import type { SessionPart } from './fetch-session.ts'
import type { ConsumerSettings } from './options.ts'

export type PartitionAnswer = FetchResponse['responses'][number]['partitions'][number]

/** KIP-227: the session epoch of a full fetch that neither uses nor begins a session. */
export const NO_SESSION = -1

type Limits = Pick<
  ConsumerSettings,
  'minBytes' | 'maxBytes' | 'maxWaitMs' | 'isolationLevel' | 'rackId'
> & { readonly requestTimeoutMs: number }

/** Sends a fetch; the broker may hold it back for `maxWaitMs`, on top of the time that any request may take. */
export function requestFetch(
  connection: Connection,
  session: SessionPart,
  limits: Limits,
): Promise<FetchResponse> {
  const { newestVersion, ...part } = session
  const { maxWaitMs, maxBytes, rackId, isolationLevel, requestTimeoutMs } = limits
  const request = {
    maxWaitMs,
    minBytes: maxWaitMs === 0 ? 0 : limits.minBytes,
    maxBytes,
    isolationLevel: isolationLevel === 'read_committed' ? 1 : 0,
    rackId,
    ...part,
  }
  const timeoutMs = requestTimeoutMs + maxWaitMs
  return connection.request(Fetch, request, { timeoutMs, newestVersion })
}

/** The answers under `partition name` and `partition id`, as the version of the response has it. */
export function answersByPartition(response: FetchResponse): Map<string, PartitionAnswer> {
  const answers = new Map<string, PartitionAnswer>()
  for (const topic of response.responses) {
    const name = topic.topic === '' ? topic.topicId : topic.topic
    for (const answer of topic.partitions) answers.set(`${answer.partitionIndex} ${name}`, answer)
  }
  return answers
}
