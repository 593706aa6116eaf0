import {
  api,
  array,
  boolean,
  int8,
  int16,
  int32,
  nullableString,
  type RequestOf,
  type ResponseOf,
  string,
} from '../schema/index.ts'

/** Raises or lowers the finalized levels of features (KIP-584, KIP-778). */
export const UpdateFeatures = api({
  key: 57,
  name: 'UpdateFeatures',
  versions: [0, 2],
  flexible: 0,
  request: {
    timeoutMs: int32.orElse(60_000),
    featureUpdates: array({
      feature: string,
      maxVersionLevel: int16,
      allowDowngrade: boolean.until(0),
      upgradeType: int8.since(1).orElse(1), // KIP-778
    }),
    validateOnly: boolean.since(1),
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    errorCode: int16,
    errorMessage: nullableString,
    results: array({
      feature: string,
      errorCode: int16,
      errorMessage: nullableString,
    })
      .until(1)
      .ignorable(),
  },
})
export type UpdateFeaturesRequest = RequestOf<typeof UpdateFeatures>
export type UpdateFeaturesResponse = ResponseOf<typeof UpdateFeatures>
