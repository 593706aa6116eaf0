import { DeleteRecords, type ErrorName, errorCode } from '@varve/protocol'
import { isInternalTopic } from '../config/internal-topics.ts'
import { DiskError } from '../world.ts'
import { handler, type RequestContext } from './handler.ts'
import { ledPartition, topicOf, unknownTopic } from './topic-address.ts'

/** Moves the start of logs forward (KIP-107); offset -1 means all that is committed. */
export const deleteRecords = handler(DeleteRecords, ['Delete Topic'], async (request, context) => ({
  topics: await Promise.all(
    request.topics.map(async ({ name, partitions }) => ({
      name,
      partitions: await Promise.all(
        partitions.map(async ({ partitionIndex, offset }) => {
          const outcome = await deleteBefore({ topicName: name, partitionIndex, offset }, context)
          return typeof outcome === 'string'
            ? { partitionIndex, lowWatermark: -1, errorCode: errorCode(outcome) }
            : { partitionIndex, lowWatermark: outcome, errorCode: 0 }
        }),
      ),
    })),
  ),
}))

/** The new start of the log, or why it stays. */
async function deleteBefore(
  {
    topicName,
    partitionIndex,
    offset,
  }: { readonly topicName: string; readonly partitionIndex: number; readonly offset: number },
  context: RequestContext,
): Promise<number | ErrorName> {
  const topic = topicOf(context.broker, 'names', topicName)
  if (topic === undefined) return unknownTopic('names')
  if (!context.authorize('Delete', 'Topic', topicName)) return 'TOPIC_AUTHORIZATION_FAILED'
  const partition = ledPartition(context.broker, topic, partitionIndex)
  if (typeof partition === 'string') return partition
  if (isInternalTopic(topicName)) return 'INVALID_TOPIC_EXCEPTION'
  try {
    const deleted = await partition.deleteRecordsBefore(offset)
    return typeof deleted === 'string' ? deleted : deleted.logStartOffset
  } catch (error) {
    if (error instanceof DiskError) return 'KAFKA_STORAGE_ERROR'
    throw error
  }
}
