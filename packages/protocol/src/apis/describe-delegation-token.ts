import {
  api,
  array,
  bytes,
  int16,
  int32,
  int64,
  nullableArray,
  type RequestOf,
  type ResponseOf,
  string,
} from '../schema/index.ts'

/** Describes delegation tokens (KIP-48). */
export const DescribeDelegationToken = api({
  key: 41,
  name: 'DescribeDelegationToken',
  versions: [1, 3],
  flexible: 2,
  request: {
    owners: nullableArray({
      principalType: string,
      principalName: string,
    }),
  },
  response: {
    errorCode: int16,
    tokens: array({
      principalType: string,
      principalName: string,
      tokenRequesterPrincipalType: string.since(3), // KIP-373
      tokenRequesterPrincipalName: string.since(3),
      issueTimestamp: int64,
      expiryTimestamp: int64,
      maxTimestamp: int64,
      tokenId: string,
      hmac: bytes,
      renewers: array({
        principalType: string,
        principalName: string,
      }),
    }),
    throttleTimeMs: int32.orElse(0),
  },
})
export type DescribeDelegationTokenRequest = RequestOf<typeof DescribeDelegationToken>
export type DescribeDelegationTokenResponse = ResponseOf<typeof DescribeDelegationToken>
