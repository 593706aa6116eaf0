import {
  api,
  bytes,
  int16,
  int64,
  nullableString,
  type RequestOf,
  type ResponseOf,
} from '../schema/index.ts'

/** Carries one token of a SASL exchange; from version 1 on, the answer says how long the session lives (KIP-368). */
export const SaslAuthenticate = api({
  key: 36,
  name: 'SaslAuthenticate',
  versions: [0, 2],
  flexible: 2,
  request: {
    authBytes: bytes,
  },
  response: {
    errorCode: int16,
    errorMessage: nullableString,
    authBytes: bytes,
    sessionLifetimeMs: int64.since(1).ignorable(), // KIP-368
  },
})
export type SaslAuthenticateRequest = RequestOf<typeof SaslAuthenticate>
export type SaslAuthenticateResponse = ResponseOf<typeof SaslAuthenticate>
