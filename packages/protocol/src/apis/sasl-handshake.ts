import { api, array, int16, type RequestOf, type ResponseOf, string } from '../schema/index.ts'

/** Agrees on a SASL mechanism. In version 1 the tokens follow in SaslAuthenticate requests (KIP-152), in version 0 they follow bare. */
export const SaslHandshake = api({
  key: 17,
  name: 'SaslHandshake',
  versions: [0, 1],
  flexible: undefined,
  request: {
    mechanism: string,
  },
  response: {
    errorCode: int16,
    mechanisms: array(string),
  },
})
export type SaslHandshakeRequest = RequestOf<typeof SaslHandshake>
export type SaslHandshakeResponse = ResponseOf<typeof SaslHandshake>
