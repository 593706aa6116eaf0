import { DescribeQuorum, errorCode, ZERO_UUID } from '@varve/protocol'
import { clusterRefusal } from './cluster-permission.ts'
import { handler, type RequestContext } from './handler.ts'

const METADATA_TOPIC = '__cluster_metadata'

/** Who votes about the metadata log: this broker alone. It has no listener for controllers, so it names the one that the client came through. */
export const describeQuorum = handler(DescribeQuorum, ['Describe Cluster'], (request, context) => {
  const refusal = clusterRefusal(context, 'Describe')
  if (refusal !== undefined) {
    return { errorCode: errorCode(refusal.error), errorMessage: refusal.message, topics: [] }
  }
  let isTold = false
  const topics = request.topics.map(({ topicName, partitions }) => ({
    topicName,
    partitions: partitions.map(({ partitionIndex }) => {
      if (topicName !== METADATA_TOPIC || partitionIndex !== 0) return notHere(partitionIndex)
      isTold = true
      return quorum(context)
    }),
  }))
  return {
    errorCode: 0,
    errorMessage: null,
    topics,
    ...(context.apiVersion >= 2 && isTold ? { nodes: nodesOf(context) } : {}),
  }
})

function quorum({ broker }: RequestContext) {
  const { metadata, brokerId, world } = broker
  const { revision } = metadata.image
  const now = world.clock.now()
  return {
    partitionIndex: 0,
    errorCode: 0,
    errorMessage: null,
    leaderId: brokerId,
    leaderEpoch: metadata.leaderEpoch,
    highWatermark: revision,
    currentVoters: [
      {
        replicaId: brokerId,
        // As in every quorum whose voters are fixed.
        replicaDirectoryId: ZERO_UUID,
        logEndOffset: revision,
        lastFetchTimestamp: now,
        lastCaughtUpTimestamp: now,
      },
    ],
    observers: [],
  }
}

function notHere(partitionIndex: number) {
  return {
    partitionIndex,
    errorCode: errorCode('UNKNOWN_TOPIC_OR_PARTITION'),
    errorMessage: `Only ${METADATA_TOPIC}-0 has a quorum.`,
    leaderId: 0,
    leaderEpoch: 0,
    highWatermark: 0,
    currentVoters: [],
    observers: [],
  }
}

function nodesOf({ broker, connection }: RequestContext) {
  const endpoint = broker.endpoints.of(broker.brokerId, connection)
  if (endpoint === undefined) return []
  const { host, port } = endpoint
  return [{ nodeId: broker.brokerId, listeners: [{ name: connection.listener, host, port }] }]
}
