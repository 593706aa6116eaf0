import {
  api,
  int16,
  int32,
  int64,
  nullableString,
  type RequestOf,
  type ResponseOf,
} from '../schema/index.ts'

/** Gives a producer its id and epoch. */
export const InitProducerId = api({
  key: 22,
  name: 'InitProducerId',
  versions: [0, 5],
  flexible: 2,
  request: {
    transactionalId: nullableString,
    transactionTimeoutMs: int32,
    producerId: int64.since(3).orElse(-1),
    producerEpoch: int16.since(3).orElse(-1),
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    errorCode: int16,
    producerId: int64.orElse(-1),
    producerEpoch: int16,
  },
})
export type InitProducerIdRequest = RequestOf<typeof InitProducerId>
export type InitProducerIdResponse = ResponseOf<typeof InitProducerId>
