import { DescribeConfigs, errorCode, type RequestOf, type ResponseInput } from '@varve/protocol'
import { RESOURCE_TYPE } from '../metadata/change.ts'
import type { Refusal } from '../metadata/new-partitions.ts'
import { topicNameProblem } from '../metadata/topic-name.ts'
import type { BrokerParts } from './broker-parts.ts'
import {
  brokerConfigEntries,
  type ConfigEntry,
  clientMetricsConfigEntries,
  clusterDefaultEntries,
  groupConfigEntries,
  topicConfigEntries,
} from './config-entries.ts'
import { configAuthorizationError } from './config-resource.ts'
import { handler, type RequestContext } from './handler.ts'

type Request = RequestOf<typeof DescribeConfigs>
type Resource = Request['resources'][number]
type Result = ResponseInput<typeof DescribeConfigs>['results'][number]

/** The settings of topics, brokers, groups and subscriptions to client metrics: every one that we know, with what is behind it. */
export const describeConfigs = handler(
  DescribeConfigs,
  ['DescribeConfigs Topic', 'DescribeConfigs Cluster', 'DescribeConfigs Group'],
  (request, context) => ({
    results: request.resources.map(resource => describe(resource, request, context)),
  }),
)

function describe(resource: Resource, request: Request, context: RequestContext): Result {
  const { resourceType, resourceName, configurationKeys } = resource
  const forbidden = configAuthorizationError(context, 'DescribeConfigs', resource)
  const entries =
    forbidden === undefined
      ? entriesOf(resource, context.broker)
      : ({ error: forbidden, message: 'Not allowed to see these settings.' } as Refusal)
  if ('error' in entries) {
    const { error, message } = entries
    return {
      errorCode: errorCode(error),
      errorMessage: message,
      resourceType,
      resourceName,
      configs: [],
    }
  }
  // Kafka takes an empty list as it takes none: everything.
  const keys = new Set(configurationKeys ?? [])
  const wanted = keys.size === 0 ? entries : entries.filter(({ name }) => keys.has(name))
  return {
    errorCode: 0,
    errorMessage: null,
    resourceType,
    resourceName,
    configs: wanted.map(entry => ({
      ...entry,
      synonyms: request.includeSynonyms ? entry.synonyms : [],
      documentation: request.includeDocumentation ? entry.documentation : null,
    })),
  }
}

const NONE: ReadonlyMap<string, string> = new Map()

function entriesOf(
  { resourceType, resourceName }: Resource,
  { metadata, settings, brokerId }: BrokerParts,
): readonly ConfigEntry[] | Refusal {
  const { topics, brokerConfigs, groupConfigs, clientMetricsConfigs } = metadata.image
  switch (resourceType) {
    case RESOURCE_TYPE.TOPIC: {
      const problem = topicNameProblem(resourceName)
      if (problem !== undefined) {
        return { error: 'INVALID_TOPIC_EXCEPTION', message: `Not a topic name: ${problem}.` }
      }
      const topic = topics.byName.get(resourceName)
      if (topic === undefined) {
        return {
          error: 'UNKNOWN_TOPIC_OR_PARTITION',
          message: `There is no topic ${resourceName}.`,
        }
      }
      return topicConfigEntries(topic.configs, settings)
    }
    case RESOURCE_TYPE.BROKER:
      if (resourceName === '') return clusterDefaultEntries(brokerConfigs.get('') ?? NONE)
      if (resourceName === String(brokerId)) return brokerConfigEntries(settings)
      return {
        error: 'INVALID_REQUEST',
        message: `This is broker ${brokerId}; expected its id, or an empty name for all brokers.`,
      }
    case RESOURCE_TYPE.GROUP:
      if (resourceName === '')
        return { error: 'INVALID_REQUEST', message: 'The group has no name.' }
      return groupConfigEntries(groupConfigs.get(resourceName) ?? NONE, settings)
    case RESOURCE_TYPE.CLIENT_METRICS:
      if (resourceName === '')
        return { error: 'INVALID_REQUEST', message: 'The subscription has no name.' }
      return clientMetricsConfigEntries(clientMetricsConfigs.get(resourceName) ?? NONE)
    case RESOURCE_TYPE.BROKER_LOGGER:
      // Loggers have no levels of their own that could be told or changed.
      if (resourceName === String(brokerId)) return []
      return { error: 'INVALID_REQUEST', message: `This is broker ${brokerId}; expected its id.` }
    default:
      return {
        error: 'INVALID_REQUEST',
        message: `Resources of type ${resourceType} have no settings in this broker.`,
      }
  }
}
