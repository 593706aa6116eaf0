import {
  type ErrorName,
  errorCode,
  WriteTxnMarkers,
  type WriteTxnMarkersRequest,
} from '@varve/protocol'
import type { TransactionMarker } from '../coordinator/markers.ts'
import { CLUSTER_RESOURCE, handler, type RequestContext } from './handler.ts'

type AskedMarker = WriteTxnMarkersRequest['markers'][number]

/**
 * Ends transactions in partitions: what another broker's coordinator asks for, and an administrator who aborts a hanging transaction
 * (KIP-664). Internal topics take their markers through their own coordinator.
 */
export const writeTxnMarkers = handler(
  WriteTxnMarkers,
  ['ClusterAction Cluster', 'Alter Cluster'],
  async (request, context) => ({
    markers: await Promise.all(request.markers.map(asked => writeOne(asked, context))),
  }),
)

async function writeOne(asked: AskedMarker, context: RequestContext) {
  const marker: TransactionMarker = {
    producerId: asked.producerId,
    producerEpoch: asked.producerEpoch,
    coordinatorEpoch: asked.coordinatorEpoch,
    result: asked.transactionResult ? 'commit' : 'abort',
    transactionVersion: asked.transactionVersion,
  }
  const isAllowed =
    context.authorize('ClusterAction', 'Cluster', CLUSTER_RESOURCE) ||
    context.authorize('Alter', 'Cluster', CLUSTER_RESOURCE)
  const write = (topic: string, partition: number): Promise<ErrorName> =>
    isAllowed
      ? context.broker.markers.write(topic, partition, marker)
      : Promise.resolve('CLUSTER_AUTHORIZATION_FAILED')
  const topics = await Promise.all(
    asked.topics.map(async ({ name, partitionIndexes }) => ({
      name,
      partitions: await Promise.all(
        partitionIndexes.map(async partitionIndex => ({
          partitionIndex,
          errorCode: errorCode(await write(name, partitionIndex)),
        })),
      ),
    })),
  )
  return { producerId: asked.producerId, topics }
}
