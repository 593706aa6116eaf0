import { errorCode, ListPartitionReassignments } from '@varve/protocol'
import { clusterRefusal } from './cluster-permission.ts'
import { handler } from './handler.ts'

/** Which partitions move to other brokers: on one broker none ever does. Topics that do not exist are passed over, as Kafka does. */
export const listPartitionReassignments = handler(
  ListPartitionReassignments,
  ['Describe Cluster'],
  (_request, context) => {
    const refusal = clusterRefusal(context, 'Describe')
    return {
      errorCode: errorCode(refusal?.error ?? 'NONE'),
      errorMessage: refusal?.message ?? null,
      topics: [],
    }
  },
)
