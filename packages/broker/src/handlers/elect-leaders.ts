import { ElectLeaders, errorCode } from '@varve/protocol'
import type { MetadataImage, PartitionImage } from '../metadata/image.ts'
import type { Refusal } from '../metadata/new-partitions.ts'
import { clusterRefusal } from './cluster-permission.ts'
import { handler } from './handler.ts'

const PREFERRED = 0
const UNCLEAN = 1

/** Has leaders elected. On one broker the preferred leader leads, so there is nothing to do, and that is the answer. */
export const electLeaders = handler(ElectLeaders, ['Alter Cluster'], (request, context) => {
  const { electionType, topicPartitions } = request
  const { image } = context.broker.metadata
  const refusal = clusterRefusal(context, 'Alter') ?? unknownType(electionType)
  // All partitions: those that need no election are not told, only their topics.
  const wanted =
    topicPartitions ??
    (refusal === undefined
      ? [...image.topics.byName.keys()].map(topic => ({ topic, partitions: [] }))
      : [])
  return {
    // Version 0 can only say it for each partition.
    ...(context.apiVersion >= 1 ? { errorCode: errorCode(refusal?.error ?? 'NONE') } : {}),
    replicaElectionResults: wanted.map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map(partitionId => {
        const { error, message } =
          refusal ??
          resultOf(image, { topic, partitionId, isPreferred: electionType === PREFERRED })
        return { partitionId, errorCode: errorCode(error), errorMessage: message }
      }),
    })),
  }
})

function unknownType(electionType: number): Refusal | undefined {
  if (electionType === PREFERRED || electionType === UNCLEAN) return undefined
  return {
    error: 'INVALID_REQUEST',
    message: `There is no election of type ${electionType}; expected 0 (preferred) or 1 (unclean).`,
  }
}

function resultOf(
  image: MetadataImage,
  of: { readonly topic: string; readonly partitionId: number; readonly isPreferred: boolean },
): Refusal {
  const partition = image.topics.byName.get(of.topic)?.partitions[of.partitionId]
  if (partition === undefined) {
    return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message: 'There is no such partition.' }
  }
  if (isLed(partition, of.isPreferred)) {
    return { error: 'ELECTION_NOT_NEEDED', message: 'The partition has the leader it should have.' }
  }
  return of.isPreferred
    ? { error: 'PREFERRED_LEADER_NOT_AVAILABLE', message: 'The preferred leader is not there.' }
    : { error: 'ELIGIBLE_LEADERS_NOT_AVAILABLE', message: 'No replica of the partition is there.' }
}

function isLed({ leader, replicas }: PartitionImage, isPreferred: boolean): boolean {
  return isPreferred ? leader === replicas[0] : leader !== -1
}
