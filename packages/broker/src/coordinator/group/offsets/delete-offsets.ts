import { consumerProtocolType, type ErrorName, type OffsetDeleteRequest } from '@varve/protocol'
import { answer } from '../../runtime/decision.ts'
import type { GroupRequest } from '../caller.ts'
import type { GroupChange } from '../change.ts'
import { subscribedTopics } from '../classic/subscribed-topics.ts'
import { consumerGroupSubscribes } from '../consumer/subscribed-topics.ts'
import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { Group, GroupShardState } from '../state.ts'
import { offsetTombstone } from './offset-records.ts'

/** The error of the whole request, or what each topic is answered, in the order of the request. */
export type DeleteAnswer = ErrorName | readonly (readonly PartitionAnswer[])[]

export interface PartitionAnswer {
  readonly partitionIndex: number
  readonly error: ErrorName
}

export interface DeleteRequest {
  readonly groupId: string
  readonly topics: OffsetDeleteRequest['topics']
  /** Topics whose offsets the client may not delete. */
  readonly forbidden: ReadonlySet<string>
}

/**
 * Decides an OffsetDelete (KIP-496): the offsets of topics that no member reads. Of a group that is not one of consumers it is
 * not known what its members read, so it must have none.
 */
export function deleteOffsets(
  state: GroupShardState,
  { request, ticket }: GroupRequest<DeleteRequest, DeleteAnswer>,
  moment: GroupMoment,
): GroupDecision {
  const { groupId } = request
  const group = state.groups.get(groupId)
  const error = refusal(state, groupId, group)
  if (error !== 'NONE') return { answers: [answer<DeleteAnswer>(ticket, error)] }
  const changes: GroupChange[] = []
  // A partition may be named many times.
  const taken = new Set<string>()
  const isRead = readTopics(group)
  const answers = request.topics.map(({ name, partitions }) => {
    const topicError = request.forbidden.has(name) ? 'TOPIC_AUTHORIZATION_FAILED' : undefined
    const topic = moment.image.topics.byName.get(name)
    return partitions.map(({ partitionIndex }): PartitionAnswer => {
      if (topicError !== undefined) return { partitionIndex, error: topicError }
      if (topic?.partitions[partitionIndex] === undefined) {
        return { partitionIndex, error: 'UNKNOWN_TOPIC_OR_PARTITION' }
      }
      if (isRead(name)) return { partitionIndex, error: 'GROUP_SUBSCRIBED_TO_TOPIC' }
      const isThere = state.offsets.get(groupId)?.get(name)?.has(partitionIndex) === true
      if (isThere && !taken.has(`${name}/${partitionIndex}`)) {
        taken.add(`${name}/${partitionIndex}`)
        changes.push(offsetTombstone({ groupId, topic: name, partition: partitionIndex }))
      }
      return { partitionIndex, error: 'NONE' }
    })
  })
  return { changes, answers: [answer<DeleteAnswer>(ticket, answers)] }
}

function refusal(state: GroupShardState, groupId: string, group: Group | undefined): ErrorName {
  if (groupId === '') return 'INVALID_GROUP_ID'
  if (group === undefined) return state.offsets.has(groupId) ? 'NONE' : 'GROUP_ID_NOT_FOUND'
  if (group.kind === 'consumer' || group.state === 'Empty') return 'NONE'
  return group.protocolType === consumerProtocolType ? 'NONE' : 'NON_EMPTY_GROUP'
}

function readTopics(group: Group | undefined): (topic: string) => boolean {
  if (group === undefined) return () => false
  switch (group.kind) {
    case 'classic': {
      if (group.state === 'Empty') return () => false
      // What members of another form read is not known: it may be all.
      const topics = subscribedTopics(group)
      return topic => topics?.has(topic) ?? true
    }
    case 'consumer':
      return topic => consumerGroupSubscribes(group, topic)
  }
}
