import type { Operation, RequestContext, ResourceType } from './handler.ts'

/** Kafka's numbers of the operations; an operation is the bit with its number. */
const OPERATION_CODES = {
  Read: 3,
  Write: 4,
  Create: 5,
  Delete: 6,
  Alter: 7,
  Describe: 8,
  ClusterAction: 9,
  DescribeConfigs: 10,
  AlterConfigs: 11,
  IdempotentWrite: 12,
  TwoPhaseCommit: 15,
} as const satisfies Record<Operation, number>

const OPERATIONS_OF = {
  Topic: ['Read', 'Write', 'Create', 'Delete', 'Alter', 'Describe', 'DescribeConfigs', 'AlterConfigs'],
  Group: ['Read', 'Delete', 'Describe', 'DescribeConfigs', 'AlterConfigs'],
  Cluster: ['Create', 'Alter', 'Describe', 'ClusterAction', 'DescribeConfigs', 'AlterConfigs', 'IdempotentWrite'],
} as const satisfies Partial<Record<ResourceType, readonly Operation[]>>

/** KIP-430: what the asking principal may do with a resource, as the bits of the operations. */
export function authorizedOperations(
  context: RequestContext,
  resource: { readonly type: keyof typeof OPERATIONS_OF; readonly name: string },
): number {
  let bits = 0
  for (const operation of OPERATIONS_OF[resource.type]) {
    if (context.authorize(operation, resource.type, resource.name)) bits |= 1 << OPERATION_CODES[operation]
  }
  return bits
}
