import { DeleteRecords, type ErrorName, errorCode } from '@varve/protocol'
import { logSettingsOf } from '../config/topic-settings.ts'
import type { TopicImage } from '../metadata/image.ts'
import { DiskError } from '../world.ts'
import { handler, type RequestContext } from './handler.ts'
import { ledPartition, topicOf, unknownTopic } from './topic-address.ts'

/** "All that is committed", in place of an offset. */
const HIGH_WATERMARK = -1

/** Moves the start of logs forward (KIP-107). */
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
  { topicName, partitionIndex, offset }: { readonly topicName: string; readonly partitionIndex: number; readonly offset: number },
  context: RequestContext,
): Promise<number | ErrorName> {
  const topic = topicOf(context.broker, 'names', topicName)
  if (topic === undefined) return unknownTopic('names')
  if (!context.authorize('Delete', 'Topic', topicName)) return 'TOPIC_AUTHORIZATION_FAILED'
  const partition = ledPartition(context.broker, topic, partitionIndex)
  if (typeof partition === 'string') return partition
  if (!mayLoseRecords(topic, context)) return 'POLICY_VIOLATION'
  const target = offset === HIGH_WATERMARK ? partition.highWatermark : offset
  if (target < 0 || target > partition.highWatermark) return 'OFFSET_OUT_OF_RANGE'
  try {
    return await partition.deleteRecordsBefore(target)
  } catch (error) {
    if (error instanceof DiskError) return 'KAFKA_STORAGE_ERROR'
    throw error
  }
}

/** As in Kafka: a topic that is only compacted keeps the last value of each key, and nobody may take it away. */
function mayLoseRecords(topic: TopicImage, { broker }: RequestContext): boolean {
  return logSettingsOf(topic, broker.settings).cleanupPolicy.includes('delete')
}
