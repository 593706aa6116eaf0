import { ExpireDelegationToken, errorCode } from '@varve/protocol'
import { handler } from './handler.ts'

/** There are no delegation tokens, whoever asks: no permission is needed to hear that. */
export const expireDelegationToken = handler(ExpireDelegationToken, [], () => ({
  errorCode: errorCode('DELEGATION_TOKEN_AUTH_DISABLED'),
  expiryTimestampMs: -1,
}))
