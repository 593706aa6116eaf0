import {
  array,
  bytes,
  int32,
  message,
  nullableString,
  nullableStruct,
  string,
  type ValueOf,
} from '../schema/index.ts'
import { memberKey } from './record-keys.ts'

/** A member of a consumer group exists. */
export const ConsumerGroupMemberMetadataKey = message({
  key: 5,
  name: 'ConsumerGroupMemberMetadataKey',
  versions: [0, 0],
  flexible: undefined,
  fields: memberKey,
})
export type ConsumerGroupMemberMetadataKey = ValueOf<typeof ConsumerGroupMemberMetadataKey>

/** What a member said of itself. `classicMemberMetadata` is there when it speaks the classic protocol. */
export const ConsumerGroupMemberMetadataValue = message({
  key: 5,
  name: 'ConsumerGroupMemberMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    instanceId: nullableString,
    rackId: nullableString,
    clientId: string,
    clientHost: string,
    subscribedTopicNames: array(string),
    subscribedTopicRegex: nullableString,
    rebalanceTimeoutMs: int32.orElse(-1),
    serverAssignor: nullableString,
    classicMemberMetadata: nullableStruct({
      sessionTimeoutMs: int32,
      supportedProtocols: array({
        name: string,
        metadata: bytes,
      }),
    })
      .tagged(0)
      .orElse(null),
  },
})
export type ConsumerGroupMemberMetadataValue = ValueOf<typeof ConsumerGroupMemberMetadataValue>
