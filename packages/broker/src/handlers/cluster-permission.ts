/** What admin requests for the whole cluster ask for. */
import type { ErrorName } from '@varve/protocol'
import { CLUSTER_RESOURCE, type Operation, type RequestContext } from './handler.ts'

/** The error for a principal that may not do this to the cluster; undefined when it may. */
export function clusterRefusal(
  context: Pick<RequestContext, 'authorize'>,
  operation: Operation,
): { readonly error: Exclude<ErrorName, 'NONE'>; readonly message: string } | undefined {
  if (context.authorize(operation, 'Cluster', CLUSTER_RESOURCE)) return undefined
  return { error: 'CLUSTER_AUTHORIZATION_FAILED', message: 'Not allowed for this cluster.' }
}
