import { CreateTopics, errorCode, ZERO_UUID } from '@varve/protocol'
import { amend } from '../metadata/amend.ts'
import {
  type CreatedTopic,
  createTopics as decide,
  type WantedTopic,
} from '../metadata/create-topics.ts'
import type { Refusal } from '../metadata/new-partitions.ts'
import { randomUuid } from '../metadata/uuid.ts'
import type { BrokerParts } from './broker-parts.ts'
import { topicConfigEntries } from './config-entries.ts'
import { CLUSTER_RESOURCE, handler, type RequestContext } from './handler.ts'
import { namedTwice } from './named-twice.ts'
import { orStorageFailure, STORAGE_FAILURE } from './storage-failure.ts'

type Outcome = CreatedTopic | Refusal

/** Creates topics, each for itself; the answer leaves when this broker serves them. */
export const createTopics = handler(
  CreateTopics,
  ['Create Cluster', 'Create Topic', 'DescribeConfigs Topic'],
  async (request, context) => {
    const twice = namedTwice(request.topics.map(({ name }) => name))
    const refusals = new Map(
      request.topics.map(({ name }) => [name, refusalOf(context, name, twice)] as const),
    )
    const wanted = request.topics.filter(({ name }) => refusals.get(name) === undefined)
    const outcomes = request.validateOnly
      ? decide(context.broker.metadata.image, wanted, rulesOf(context.broker)).outcome
      : await makeTopics(context.broker, wanted)
    const outcomeOf = new Map(wanted.map(({ name }, index) => [name, outcomes[index]] as const))
    return {
      // A name that came twice is answered once.
      topics: [...refusals].map(([name, refusal]) =>
        answer(context, name, {
          outcome: refusal ?? outcomeOf.get(name) ?? STORAGE_FAILURE,
          of: request,
        }),
      ),
    }
  },
)

/** Creates topics and waits until this broker serves them; one outcome for each, in order. */
export function makeTopics(
  broker: BrokerParts,
  wanted: readonly WantedTopic[],
): Promise<readonly Outcome[]> {
  return orStorageFailure<readonly Outcome[]>(
    amend(broker.metadata, image => decide(image, wanted, rulesOf(broker))),
    () => wanted.map(() => STORAGE_FAILURE),
  )
}

function rulesOf(broker: BrokerParts): Parameters<typeof decide>[2] {
  return { settings: broker.settings, newTopicId: () => randomUuid(broker.world.random) }
}

function refusalOf(
  context: RequestContext,
  name: string,
  twice: ReadonlySet<string>,
): Refusal | undefined {
  if (twice.has(name))
    return { error: 'INVALID_REQUEST', message: `The topic ${name} is named twice.` }
  const isAllowed =
    context.authorize('Create', 'Cluster', CLUSTER_RESOURCE) ||
    context.authorize('Create', 'Topic', name)
  if (isAllowed) return undefined
  return { error: 'TOPIC_AUTHORIZATION_FAILED', message: 'Not allowed to create this topic.' }
}

function answer(
  context: RequestContext,
  name: string,
  { outcome, of }: { readonly outcome: Outcome; readonly of: { readonly validateOnly: boolean } },
) {
  if (outcome.error !== 'NONE') {
    // Kafka gives an empty list, never null, where there is nothing to say of settings.
    return {
      name,
      errorCode: errorCode(outcome.error),
      errorMessage: outcome.message,
      configs: [],
    }
  }
  const { numPartitions, replicationFactor, configs } = outcome
  const created = {
    name,
    topicId: of.validateOnly ? ZERO_UUID : outcome.topicId,
    errorCode: 0,
    errorMessage: null,
  }
  if (!context.authorize('DescribeConfigs', 'Topic', name)) {
    return {
      ...created,
      topicConfigErrorCode: errorCode('TOPIC_AUTHORIZATION_FAILED'),
      configs: [],
    }
  }
  const entries = context.apiVersion < 5 ? [] : topicConfigEntries(configs, context.broker.settings)
  return { ...created, numPartitions, replicationFactor, configs: entries }
}
