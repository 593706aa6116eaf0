/** Who may see and change the settings of which resource. */
import type { ErrorName } from '@varve/protocol'
import { RESOURCE_TYPE } from '../metadata/change.ts'
import { CLUSTER_RESOURCE, type RequestContext } from './handler.ts'

export interface ConfigResource {
  readonly resourceType: number
  readonly resourceName: string
}

/** The error for a principal that may not; undefined when it may, and for a kind of resource that has no settings here. */
export function configAuthorizationError(
  context: RequestContext,
  operation: 'DescribeConfigs' | 'AlterConfigs',
  { resourceType, resourceName }: ConfigResource,
): ErrorName | undefined {
  switch (resourceType) {
    case RESOURCE_TYPE.TOPIC:
      if (context.authorize(operation, 'Topic', resourceName)) return undefined
      return 'TOPIC_AUTHORIZATION_FAILED'
    case RESOURCE_TYPE.GROUP:
      if (context.authorize(operation, 'Group', resourceName)) return undefined
      return 'GROUP_AUTHORIZATION_FAILED'
    default:
      if (context.authorize(operation, 'Cluster', CLUSTER_RESOURCE)) return undefined
      return 'CLUSTER_AUTHORIZATION_FAILED'
  }
}

/** Equal for the same resource. */
export function resourceKey({ resourceType, resourceName }: ConfigResource): string {
  return `${resourceType}/${resourceName}`
}
