import {
  type ErrorName,
  OffsetCommit,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
} from '@varve/protocol'
import {
  type CommitRequest,
  type CommitTopic,
  commitOffsets,
  refusedCommit,
} from '../coordinator/group/offsets/commit-offsets.ts'
import type { TopicImage } from '../metadata/image.ts'
import { callerOf } from './group-caller.ts'
import { handler, type RequestContext } from './handler.ts'
import { type Addressing, topicOf, unknownTopic } from './topic-address.ts'

/** Versions from here on name topics by their ids. */
const TOPIC_IDS_SINCE = 10

/** Commits offsets for a group: how far it has come in each partition. */
export const offsetCommit = handler(
  OffsetCommit,
  ['Read Group', 'Read Topic'],
  (request, context): Promise<OffsetCommitResponse> | OffsetCommitResponse => {
    const { groupId } = request
    if (!context.authorize('Read', 'Group', groupId)) {
      const refused = lookedUp(request, () => 'GROUP_AUTHORIZATION_FAILED')
      return refusedCommit(refused, 'GROUP_AUTHORIZATION_FAILED')
    }
    const commit = lookedUp(request, topic => find(topic, context))
    const caller = callerOf(context)
    return context.broker.groups.ask<OffsetCommitResponse>(groupId, {
      decide: (state, ticket, moment) =>
        commitOffsets(state, { ...caller, request: commit, ticket }, moment),
      refuse: error => refusedCommit(commit, error),
    })
  },
)

type NamedTopic = OffsetCommitRequest['topics'][number]

function lookedUp(
  request: OffsetCommitRequest,
  topicFor: (topic: NamedTopic) => CommitTopic['topic'],
): CommitRequest {
  const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch, retentionTimeMs } = request
  return {
    groupId,
    memberId,
    instanceId: groupInstanceId,
    generationIdOrMemberEpoch,
    retentionTimeMs,
    topics: request.topics.map(topic => {
      const { name, topicId, partitions } = topic
      return { name, topicId, topic: topicFor(topic), partitions }
    }),
  }
}

function find(named: NamedTopic, context: RequestContext): TopicImage | ErrorName {
  const addressing: Addressing = context.apiVersion < TOPIC_IDS_SINCE ? 'names' : 'ids'
  const topic = topicOf(
    context.broker,
    addressing,
    addressing === 'ids' ? named.topicId : named.name,
  )
  const name = addressing === 'ids' ? topic?.name : named.name
  // Whether a topic is there is told to those alone who may read it.
  if (name !== undefined && !context.authorize('Read', 'Topic', name)) {
    return 'TOPIC_AUTHORIZATION_FAILED'
  }
  return topic ?? unknownTopic(addressing)
}
