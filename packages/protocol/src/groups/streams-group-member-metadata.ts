import { keyValue, userEndpoint } from '../apis/streams-tasks.ts'
import {
  array,
  int32,
  message,
  nullableString,
  nullableStruct,
  string,
  type ValueOf,
} from '../schema/index.ts'
import { memberKey } from './record-keys.ts'

/** A member of a streams group exists. */
export const StreamsGroupMemberMetadataKey = message({
  key: 19,
  name: 'StreamsGroupMemberMetadataKey',
  versions: [0, 0],
  flexible: undefined,
  fields: memberKey,
})
export type StreamsGroupMemberMetadataKey = ValueOf<typeof StreamsGroupMemberMetadataKey>

/** What a member said of itself. */
export const StreamsGroupMemberMetadataValue = message({
  key: 19,
  name: 'StreamsGroupMemberMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    instanceId: nullableString,
    rackId: nullableString,
    clientId: string,
    clientHost: string,
    rebalanceTimeoutMs: int32.orElse(-1),
    topologyEpoch: int32,
    processId: string,
    userEndpoint: nullableStruct(userEndpoint).orElse(null),
    clientTags: array(keyValue),
  },
})
export type StreamsGroupMemberMetadataValue = ValueOf<typeof StreamsGroupMemberMetadataValue>
