import { array, int8, int32, int64, uuid } from '../schema/index.ts'

/** What became of the records that a member acquired, by topic and partition; one type stands for all of a batch (KIP-932). */
export const acknowledgedTopic = {
  topicId: uuid,
  partitions: array({
    partitionIndex: int32,
    acknowledgementBatches: array({
      firstOffset: int64,
      lastOffset: int64,
      acknowledgeTypes: array(int8),
    }),
  }),
}
