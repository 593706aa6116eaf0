import {
  type ErrorName,
  errorCode,
  OffsetFetch,
  type OffsetFetchRequest,
  type OffsetFetchResponse,
  type ResponseInput,
  ZERO_UUID,
} from '@varve/protocol'
import { FetchBudget } from '../coordinator/group/offsets/fetch-budget.ts'
import {
  type FetchedGroup,
  type FetchedTopic,
  type FetchRequest,
  type FetchTopic,
  fetchOffsets,
  noOffset,
  refusedFetch,
} from '../coordinator/group/offsets/fetch-offsets.ts'
import { callerOf } from './group-caller.ts'
import { handler, type RequestContext } from './handler.ts'

/** The first version that can say an error of the whole group. */
const GROUP_ERRORS_SINCE = 2
/** Versions from here on ask for many groups at once (KIP-709). */
const BATCHED_SINCE = 8
/** Versions from here on name topics by their ids. */
const TOPIC_IDS_SINCE = 10

/** Reads the committed offsets of groups. */
export const offsetFetch = handler(
  OffsetFetch,
  ['Describe Group', 'Describe Topic'],
  async (request, context): Promise<ResponseInput<typeof OffsetFetch>> => {
    const budget = new FetchBudget()
    const { requireStable } = request
    if (context.apiVersion >= BATCHED_SINCE) {
      const groups = await Promise.all(
        request.groups.map(group => fetchGroup({ ...group, budget, requireStable }, context)),
      )
      return { groups }
    }
    const { groupId, topics } = request
    const asked = {
      ...{ groupId, memberId: null, memberEpoch: -1, topics: withoutIds(topics) },
      ...{ budget, requireStable },
    }
    const fetched = await fetchGroup(asked, context)
    return context.apiVersion >= GROUP_ERRORS_SINCE || fetched.errorCode === errorCode('NONE')
      ? { topics: fetched.topics, errorCode: fetched.errorCode }
      : { topics: refusedTopics(asked, fetched.errorCode) }
  },
)

async function fetchGroup(asked: FetchRequest, context: RequestContext): Promise<FetchedGroup> {
  const { groupId, topics } = asked
  if (!context.authorize('Describe', 'Group', groupId)) {
    return refusedFetch(groupId, 'GROUP_AUTHORIZATION_FAILED')
  }
  if (topics === null) return await fetchAll(asked, context)
  const known: FetchTopic[] = []
  const refused: FetchedTopic[] = []
  for (const topic of topics) {
    const name = context.apiVersion < TOPIC_IDS_SINCE ? topic.name : nameOf(topic.topicId, context)
    const error = refusal(name, context)
    if (name !== undefined && error === 'NONE') known.push({ ...topic, name })
    else refused.push(refusedTopic(topic, error))
  }
  const fetched = await ask({ ...asked, topics: known }, context)
  return fetched.errorCode === errorCode('NONE')
    ? { ...fetched, topics: [...fetched.topics, ...refused] }
    : fetched
}

/** Whoever may not describe a topic does not learn that the group reads it. */
async function fetchAll(asked: FetchRequest, context: RequestContext): Promise<FetchedGroup> {
  const fetched = await ask(asked, context)
  const topics = fetched.topics.filter(({ name }) => context.authorize('Describe', 'Topic', name))
  if (context.apiVersion < TOPIC_IDS_SINCE) return { ...fetched, topics }
  return { ...fetched, topics: topics.flatMap(topic => withId(topic, context)) }
}

function ask(request: FetchRequest, context: RequestContext): Promise<FetchedGroup> {
  const caller = callerOf(context)
  return context.broker.groups.ask<FetchedGroup>(request.groupId, {
    decide: (state, ticket, moment) => fetchOffsets(state, { ...caller, request, ticket }, moment),
    refuse: error => refusedFetch(request.groupId, error),
  })
}

function refusal(name: string | undefined, context: RequestContext): ErrorName {
  if (name === undefined) return 'UNKNOWN_TOPIC_ID'
  return context.authorize('Describe', 'Topic', name) ? 'NONE' : 'TOPIC_AUTHORIZATION_FAILED'
}

function nameOf(topicId: string, { broker }: RequestContext): string | undefined {
  return broker.metadata.image.topics.byId.get(topicId)?.name
}

/** A topic whose id nobody knows cannot be said in versions that have no names. */
function withId(topic: FetchedTopic, { broker }: RequestContext): readonly FetchedTopic[] {
  if (topic.topicId !== ZERO_UUID) return [topic]
  const topicId = broker.metadata.image.topics.byName.get(topic.name)?.topicId
  return topicId === undefined ? [] : [{ ...topic, topicId }]
}

function withoutIds(topics: OffsetFetchRequest['topics']): readonly FetchTopic[] | null {
  return topics?.map(topic => ({ ...topic, topicId: ZERO_UUID })) ?? null
}

function refusedTopic({ name, topicId, partitionIndexes }: FetchTopic, error: ErrorName) {
  const partitions = partitionIndexes.map(partition => noOffset(partition, error))
  return { name, topicId, partitions }
}

function refusedTopics({ topics }: FetchRequest, error: number): OffsetFetchResponse['topics'] {
  return (topics ?? []).map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map(index => ({
      ...noOffset(index, 'NONE'),
      errorCode: error,
    })),
  }))
}
