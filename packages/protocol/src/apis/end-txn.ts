import {
  api,
  boolean,
  int16,
  int32,
  int64,
  type RequestOf,
  type ResponseOf,
  string,
} from '../schema/index.ts'

/** Commits or aborts a transaction; from version 5 on, the answer gives the epoch of the next one (KIP-98, KIP-890). */
export const EndTxn = api({
  key: 26,
  name: 'EndTxn',
  versions: [0, 5],
  flexible: 3,
  request: {
    transactionalId: string,
    producerId: int64,
    producerEpoch: int16,
    committed: boolean,
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    errorCode: int16,
    producerId: int64.since(5).orElse(-1).ignorable(), // KIP-890
    producerEpoch: int16.since(5).orElse(-1).ignorable(),
  },
})
export type EndTxnRequest = RequestOf<typeof EndTxn>
export type EndTxnResponse = ResponseOf<typeof EndTxn>
