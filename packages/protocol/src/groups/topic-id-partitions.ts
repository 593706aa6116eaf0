import { array, int32, uuid } from '../schema/index.ts'

/** Partitions of a topic, which is told by its id. */
export const topicIdPartitions = {
  topicId: uuid,
  partitions: array(int32),
}
