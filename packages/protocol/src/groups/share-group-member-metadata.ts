import { array, message, nullableString, string, type ValueOf } from '../schema/index.ts'
import { memberKey } from './record-keys.ts'

/** A member of a share group exists (KIP-932). */
export const ShareGroupMemberMetadataKey = message({
  key: 10,
  name: 'ShareGroupMemberMetadataKey',
  versions: [0, 0],
  flexible: undefined,
  fields: memberKey,
})
export type ShareGroupMemberMetadataKey = ValueOf<typeof ShareGroupMemberMetadataKey>

/** What a member said of itself. */
export const ShareGroupMemberMetadataValue = message({
  key: 10,
  name: 'ShareGroupMemberMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    rackId: nullableString,
    clientId: string,
    clientHost: string,
    subscribedTopicNames: array(string),
  },
})
export type ShareGroupMemberMetadataValue = ValueOf<typeof ShareGroupMemberMetadataValue>
