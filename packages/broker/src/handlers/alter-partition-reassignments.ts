import { AlterPartitionReassignments, errorCode } from '@varve/protocol'
import type { MetadataImage } from '../metadata/image.ts'
import { assignmentProblem, type Refusal } from '../metadata/new-partitions.ts'
import { clusterRefusal } from './cluster-permission.ts'
import { handler } from './handler.ts'

/**
 * Moves partitions to other brokers. One broker can only say whether that would be possible: an assignment that it already has
 * is accepted, and there is never anything under way that could be cancelled.
 */
export const alterPartitionReassignments = handler(
  AlterPartitionReassignments,
  ['Alter Cluster'],
  (request, context) => {
    const { allowReplicationFactorChange } = request
    const refusal = clusterRefusal(context, 'Alter')
    if (refusal !== undefined) {
      const { error, message } = refusal
      return { errorCode: errorCode(error), errorMessage: message, responses: [] }
    }
    const { image } = context.broker.metadata
    return {
      allowReplicationFactorChange,
      errorCode: 0,
      errorMessage: null,
      responses: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, replicas }) => {
          const problem = problemOf(image, { name, partitionIndex, replicas })
          return {
            partitionIndex,
            errorCode: errorCode(problem?.error ?? 'NONE'),
            errorMessage: problem?.message ?? null,
          }
        }),
      })),
    }
  },
)

function problemOf(
  image: MetadataImage,
  wanted: {
    readonly name: string
    readonly partitionIndex: number
    readonly replicas: readonly number[] | null
  },
): Refusal | undefined {
  const { name, partitionIndex, replicas } = wanted
  const partition = image.topics.byName.get(name)?.partitions[partitionIndex]
  if (partition === undefined) {
    return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message: 'There is no such partition.' }
  }
  if (replicas === null) {
    return {
      error: 'NO_REASSIGNMENT_IN_PROGRESS',
      message: 'The partition does not move: there is nothing to cancel.',
    }
  }
  const problem = assignmentProblem(image, [replicas], undefined)
  if (problem !== undefined) return problem
  const isSame =
    replicas.length === partition.replicas.length &&
    replicas.every((brokerId, place) => brokerId === partition.replicas[place])
  if (isSame) return undefined
  return {
    error: 'INVALID_REPLICA_ASSIGNMENT',
    message: 'This version of Varve keeps each partition on the broker where it was made.',
  }
}
