import { type ErrorName, errorCode, OffsetForLeaderEpoch } from '@varve/protocol'
import { handler } from './handler.ts'
import { leaderEpochError, ledPartition, topicOf, unknownTopic } from './topic-address.ts'

/** Where the records of a leader epoch end: a consumer learns from it whether what it read is still there (KIP-320). */
export const offsetForLeaderEpoch = handler(
  OffsetForLeaderEpoch,
  ['Describe Topic'],
  (request, context) => ({
    topics: request.topics.map(({ topic: name, partitions }) => {
      const topic = topicOf(context.broker, 'names', name)
      const isAllowed = topic !== undefined && context.authorize('Describe', 'Topic', name)
      return {
        topic: name,
        partitions: partitions.map(({ partition: index, currentLeaderEpoch, leaderEpoch }) => {
          const refused = (error: ErrorName) => ({
            partition: index,
            errorCode: errorCode(error),
            leaderEpoch: -1,
            endOffset: -1,
          })
          if (topic === undefined) return refused(unknownTopic('names'))
          if (!isAllowed) return refused('TOPIC_AUTHORIZATION_FAILED')
          const partition = ledPartition(context.broker, topic, index)
          if (typeof partition === 'string') return refused(partition)
          const epochError = leaderEpochError(currentLeaderEpoch, partition.leaderEpoch)
          if (epochError !== undefined) return refused(epochError)
          const end = partition.endOffsetForEpoch(leaderEpoch)
          return {
            partition: index,
            errorCode: 0,
            leaderEpoch: end?.epoch ?? -1,
            endOffset: end?.endOffset ?? -1,
          }
        }),
      }
    }),
  }),
)
