import { DescribeCluster, errorCode } from '@varve/protocol'
import { authorizedOperations } from './authorized-operations.ts'
import { CLUSTER_RESOURCE, handler } from './handler.ts'

const BROKERS = 1
const CONTROLLERS = 2

/** Who is in the cluster. As in Kafka, everybody may know; only the permissions are told to those who may describe it. */
export const describeCluster = handler(
  DescribeCluster,
  ['Describe Cluster'],
  (request, context) => {
    const { endpoints, clusterId, brokerId } = context.broker
    if (request.endpointType !== BROKERS) {
      const isKnown = request.endpointType === CONTROLLERS
      return {
        errorCode: errorCode(isKnown ? 'MISMATCHED_ENDPOINT_TYPE' : 'UNSUPPORTED_ENDPOINT_TYPE'),
        errorMessage: isKnown ? 'This is a broker, not a controller.' : null,
        clusterId: '',
        brokers: [],
      }
    }
    const mayDescribe =
      request.includeClusterAuthorizedOperations &&
      context.authorize('Describe', 'Cluster', CLUSTER_RESOURCE)
    return {
      errorCode: 0,
      endpointType: BROKERS,
      clusterId,
      controllerId: brokerId,
      brokers: endpoints.all(context.connection),
      ...(mayDescribe
        ? {
            clusterAuthorizedOperations: authorizedOperations(context, {
              type: 'Cluster',
              name: CLUSTER_RESOURCE,
            }),
          }
        : {}),
    }
  },
)
