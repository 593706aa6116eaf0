import { EndTxn, type EndTxnResponse, type ErrorName, errorCode } from '@varve/protocol'
import { endTransaction } from '../coordinator/transaction/end-transaction.ts'
import type { TransactionResult } from '../coordinator/transaction/transaction.ts'
import { withFreshProducerId } from './fresh-producer-id.ts'
import { handler } from './handler.ts'
import { unfenced } from './unfenced.ts'

/** KIP-588: clients of versions from here on know PRODUCER_FENCED. */
const FENCED_SINCE = 2
/** Versions from here on give the producer a new epoch for its next transaction (KIP-890). */
const NEW_EPOCH_SINCE = 5
const NONE = -1

/** Commits or aborts a transaction. The answer leaves when that is decided for good; the markers follow. */
export const endTxn = handler(
  EndTxn,
  ['Write TransactionalId'],
  async (request, context): Promise<EndTxnResponse> => {
    const { transactionalId, producerId, producerEpoch, committed } = request
    if (!context.authorize('Write', 'TransactionalId', transactionalId))
      return refused('TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
    if (transactionalId === '') return refused('INVALID_REQUEST')
    const result: TransactionResult = committed ? 'commit' : 'abort'
    const clientVersion = context.apiVersion < NEW_EPOCH_SINCE ? 0 : 2
    const asked = { transactionalId, producerId, producerEpoch, result, clientVersion } as const
    const { error, ...producer } = await withFreshProducerId(
      context,
      transactionalId,
      (asking, state, moment) => endTransaction(state, { ...asked, ...asking }, moment),
    )
    const said = context.apiVersion < FENCED_SINCE ? unfenced(error) : error
    return { throttleTimeMs: 0, errorCode: errorCode(said), ...producer }
  },
)

function refused(error: ErrorName): EndTxnResponse {
  return {
    throttleTimeMs: 0,
    errorCode: errorCode(error),
    producerId: NONE,
    producerEpoch: NONE,
  }
}
