import {
  api,
  array,
  int16,
  int32,
  int64,
  nullableString,
  type RequestOf,
  type ResponseOf,
  records,
  string,
  uuid,
} from '../schema/index.ts'
import { currentLeader, nodeEndpoint } from './leader-discovery.ts'

/** Appends record batches to partitions. */
export const Produce = api({
  key: 0,
  name: 'Produce',
  versions: [3, 13],
  flexible: 9,
  request: {
    transactionalId: nullableString.orElse(null),
    acks: int16,
    timeoutMs: int32,
    topicData: array({
      name: string.until(12).ignorable(),
      topicId: uuid.since(13).ignorable(), // KIP-516
      partitionData: array({
        index: int32,
        records,
      }),
    }),
  },
  response: {
    responses: array({
      name: string.until(12).ignorable(),
      topicId: uuid.since(13).ignorable(),
      partitionResponses: array({
        index: int32,
        errorCode: int16,
        baseOffset: int64,
        logAppendTimeMs: int64.orElse(-1),
        logStartOffset: int64.since(5).orElse(-1).ignorable(),
        recordErrors: array({
          batchIndex: int32,
          batchIndexErrorMessage: nullableString.orElse(null),
        })
          .since(8)
          .ignorable(),
        errorMessage: nullableString.since(8).orElse(null).ignorable(), // KIP-467
        currentLeader: currentLeader.since(10).tagged(0),
      }),
    }),
    throttleTimeMs: int32.orElse(0),
    nodeEndpoints: array(nodeEndpoint).since(10).tagged(0),
  },
})
export type ProduceRequest = RequestOf<typeof Produce>
export type ProduceResponse = ResponseOf<typeof Produce>
