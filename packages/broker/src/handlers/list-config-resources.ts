import { errorCode, ListConfigResources } from '@varve/protocol'
import { RESOURCE_TYPE } from '../metadata/change.ts'
import type { MetadataImage } from '../metadata/image.ts'
import { CLUSTER_RESOURCE, handler } from './handler.ts'

/** The resources that may have settings. Version 0 knew only client metrics (KIP-1142). */
export const listConfigResources = handler(
  ListConfigResources,
  ['DescribeConfigs Cluster'],
  (request, context) => {
    if (!context.authorize('DescribeConfigs', 'Cluster', CLUSTER_RESOURCE)) {
      return { errorCode: errorCode('CLUSTER_AUTHORIZATION_FAILED'), configResources: [] }
    }
    const all = Object.values(RESOURCE_TYPE)
    const asked = context.apiVersion === 0 ? [RESOURCE_TYPE.CLIENT_METRICS] : request.resourceTypes
    const types = asked.length === 0 ? all : [...new Set(asked)]
    if (types.some(type => !all.some(known => known === type))) {
      return { errorCode: errorCode('UNSUPPORTED_VERSION'), configResources: [] }
    }
    const { image } = context.broker.metadata
    return {
      errorCode: 0,
      configResources: types.flatMap(resourceType =>
        namesOf(image, resourceType).map(resourceName => ({ resourceName, resourceType })),
      ),
    }
  },
)

function namesOf(image: MetadataImage, resourceType: number): readonly string[] {
  switch (resourceType) {
    case RESOURCE_TYPE.TOPIC:
      return [...image.topics.byName.keys()]
    case RESOURCE_TYPE.BROKER:
    case RESOURCE_TYPE.BROKER_LOGGER:
      return [...image.brokers.keys()].map(String)
    case RESOURCE_TYPE.GROUP:
      return [...image.groupConfigs.keys()]
    case RESOURCE_TYPE.CLIENT_METRICS:
      return [...image.clientMetricsConfigs.keys()]
    default:
      return []
  }
}
