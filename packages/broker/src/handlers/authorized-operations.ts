/** What the asking principal may do with a resource, as a set of bits: bit n is the operation that the protocol numbers n (KIP-430). */
import {
  CLUSTER_RESOURCE,
  type Operation,
  type RequestContext,
  type ResourceType,
} from './handler.ts'

/** What stands for "was not asked for". */
export const OPERATIONS_NOT_ASKED_FOR = -2_147_483_648

const operationBits: {
  readonly [type in 'Topic' | 'Cluster' | 'Group']: readonly (readonly [Operation, number])[]
} = {
  Topic: [
    ['Read', 3],
    ['Write', 4],
    ['Create', 5],
    ['Delete', 6],
    ['Alter', 7],
    ['Describe', 8],
    ['DescribeConfigs', 10],
    ['AlterConfigs', 11],
  ],
  Cluster: [
    ['Create', 5],
    ['Alter', 7],
    ['Describe', 8],
    ['ClusterAction', 9],
    ['DescribeConfigs', 10],
    ['AlterConfigs', 11],
    ['IdempotentWrite', 12],
  ],
  Group: [
    ['Read', 3],
    ['Delete', 6],
    ['Describe', 8],
    ['DescribeConfigs', 10],
    ['AlterConfigs', 11],
  ],
}

export function authorizedOperations(
  context: Pick<RequestContext, 'authorize'>,
  resource: { readonly type: keyof typeof operationBits; readonly name: string },
): number {
  let bits = 0
  for (const [operation, bit] of operationBits[resource.type]) {
    const type: ResourceType = resource.type
    if (context.authorize(operation, type, resource.name)) bits |= 1 << bit
  }
  return bits
}

export function authorizedClusterOperations(context: Pick<RequestContext, 'authorize'>): number {
  return authorizedOperations(context, { type: 'Cluster', name: CLUSTER_RESOURCE })
}
