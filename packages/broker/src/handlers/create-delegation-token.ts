import { Buffer } from 'node:buffer'
import { CreateDelegationToken, errorCode } from '@varve/protocol'
import { handler } from './handler.ts'
import { tokenRequester } from './token-requester.ts'

/** There are no delegation tokens, whoever asks: no permission is needed to hear that. */
export const createDelegationToken = handler(CreateDelegationToken, [], (request, context) => {
  const requester = tokenRequester(context)
  const { ownerPrincipalType, ownerPrincipalName } = request
  return {
    errorCode: errorCode('DELEGATION_TOKEN_AUTH_DISABLED'),
    // An empty type is that of somebody who asks for a token of its own.
    ...(ownerPrincipalType === null || ownerPrincipalType === ''
      ? requester
      : { principalType: ownerPrincipalType, principalName: ownerPrincipalName ?? '' }),
    ...(context.apiVersion >= 3
      ? {
          tokenRequesterPrincipalType: requester.principalType,
          tokenRequesterPrincipalName: requester.principalName,
        }
      : {}),
    issueTimestampMs: -1,
    expiryTimestampMs: -1,
    maxTimestampMs: -1,
    tokenId: '',
    hmac: Buffer.alloc(0),
  }
})
