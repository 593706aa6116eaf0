import {
  api,
  array,
  boolean,
  int16,
  int32,
  nullableString,
  type RequestOf,
  type ResponseOf,
  struct,
  uuid,
} from '../schema/index.ts'
import { nodeEndpoint } from './leader-discovery.ts'
import { acknowledgedTopic } from './share-acknowledgements.ts'

/** Says what became of the records that a member of a share group acquired (KIP-932). */
export const ShareAcknowledge = api({
  key: 79,
  name: 'ShareAcknowledge',
  versions: [1, 2],
  flexible: 0,
  request: {
    groupId: nullableString.orElse(null),
    memberId: nullableString,
    shareSessionEpoch: int32,
    isRenewAck: boolean.since(2), // KIP-1222
    topics: array(acknowledgedTopic),
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    errorCode: int16,
    errorMessage: nullableString.orElse(null),
    acquisitionLockTimeoutMs: int32.since(2).ignorable(),
    responses: array({
      topicId: uuid,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: nullableString.orElse(null),
        currentLeader: struct({
          leaderId: int32,
          leaderEpoch: int32,
        }),
      }),
    }),
    nodeEndpoints: array(nodeEndpoint),
  },
})
export type ShareAcknowledgeRequest = RequestOf<typeof ShareAcknowledge>
export type ShareAcknowledgeResponse = ResponseOf<typeof ShareAcknowledge>
