import { array, int8, int16, int32, int64, string, uuid } from '../schema/index.ts'

/** The key of a record of a share-partition. */
export const sharePartitionKey = {
  groupId: string,
  topicId: uuid,
  partition: int32,
}

/** Offsets that share a state: 0 available, 2 acknowledged, 4 archived. */
export const stateBatches = array({
  firstOffset: int64,
  lastOffset: int64,
  deliveryState: int8,
  deliveryCount: int16,
})
