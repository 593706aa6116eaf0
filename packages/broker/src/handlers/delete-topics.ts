import { DeleteTopics, type ErrorName, errorCode, ZERO_UUID } from '@varve/protocol'
import { amend } from '../metadata/amend.ts'
import type { MetadataImage } from '../metadata/image.ts'
import { handler, type RequestContext } from './handler.ts'
import { namedTwice } from './named-twice.ts'
import { orStorageFailure } from './storage-failure.ts'

interface Asked {
  readonly name: string | null
  readonly topicId: string
}

interface Answer extends Asked {
  readonly error: ErrorName
  readonly message: string | null
}

/** Deletes topics by name or, since version 6, by id. Their partitions are gone from this broker when the answer leaves. */
export const deleteTopics = handler(
  DeleteTopics,
  ['Delete Topic', 'Describe Topic'],
  async (request, context) => {
    const asked: readonly Asked[] =
      context.apiVersion >= 6
        ? request.topics
        : request.topicNames.map(name => ({ name, topicId: ZERO_UUID }))
    const answers = context.broker.settings.boolean('delete.topic.enable')
      ? await orStorageFailure(
          amend(context.broker.metadata, image => decide(image, asked, context)),
          () => asked.map(topic => refused(topic, 'KAFKA_STORAGE_ERROR', null)),
        )
      : asked.map(topic => deletionDisabled(topic, context.apiVersion))
    return {
      responses: answers.map(({ name, topicId, error, message }) => ({
        name,
        topicId,
        errorCode: errorCode(error),
        errorMessage: message,
      })),
    }
  },
)

function decide(image: MetadataImage, asked: readonly Asked[], context: RequestContext) {
  const found = asked.map(topic => find(image, topic))
  const twice = namedTwice(found.flatMap(topic => (topic === undefined ? [] : [topic.topicId])))
  const outcome = asked.map((topic, index): Answer => {
    const { name, topicId } = topic
    if ((name === null) === (topicId === ZERO_UUID)) {
      return refused(topic, 'INVALID_REQUEST', 'Expected a name or an id.')
    }
    const existing = found[index]
    const allowedName = existing?.name ?? name
    // Whoever may not even describe a topic does not learn its name from its id.
    if (allowedName !== null && !context.authorize('Describe', 'Topic', allowedName)) {
      return refused(topic, 'TOPIC_AUTHORIZATION_FAILED', null)
    }
    if (existing === undefined) {
      return refused(topic, name === null ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION', null)
    }
    if (!context.authorize('Delete', 'Topic', existing.name)) {
      return refused({ name: existing.name, topicId }, 'TOPIC_AUTHORIZATION_FAILED', null)
    }
    if (twice.has(existing.topicId))
      return refused(topic, 'INVALID_REQUEST', 'The topic is named twice.')
    return { name: existing.name, topicId: existing.topicId, error: 'NONE', message: null }
  })
  const changes = outcome.flatMap(({ error, topicId }) =>
    error === 'NONE' ? [{ type: 'RemoveTopicRecord', topicId } as const] : [],
  )
  return { outcome, changes }
}

function find(image: MetadataImage, { name, topicId }: Asked) {
  return name === null ? image.topics.byId.get(topicId) : image.topics.byName.get(name)
}

function refused({ name, topicId }: Asked, error: ErrorName, message: string | null): Answer {
  return { name, topicId, error, message }
}

function deletionDisabled(topic: Asked, apiVersion: number): Answer {
  return apiVersion < 3
    ? refused(topic, 'INVALID_REQUEST', 'Topic deletion is disabled.')
    : refused(topic, 'TOPIC_DELETION_DISABLED', 'Topic deletion is disabled (delete.topic.enable).')
}
