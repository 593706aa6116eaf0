import { keyValue } from '../apis/streams-tasks.ts'
import { int32, int64Bits, message, nullableArray, type ValueOf } from '../schema/index.ts'
import { groupKey } from './record-keys.ts'

/** A streams group exists (KIP-1071). */
export const StreamsGroupMetadataKey = message({
  key: 17,
  name: 'StreamsGroupMetadataKey',
  versions: [0, 0],
  flexible: undefined,
  fields: groupKey,
})
export type StreamsGroupMetadataKey = ValueOf<typeof StreamsGroupMetadataKey>

/** The epoch of a streams group, a hash of its topics, and the topology epoch that was validated. */
export const StreamsGroupMetadataValue = message({
  key: 17,
  name: 'StreamsGroupMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    epoch: int32,
    metadataHash: int64Bits,
    validatedTopologyEpoch: int32.tagged(0).orElse(-1),
    lastAssignmentConfigs: nullableArray(keyValue).tagged(1).orElse(null),
  },
})
export type StreamsGroupMetadataValue = ValueOf<typeof StreamsGroupMetadataValue>
