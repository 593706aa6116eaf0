import { int8, int16, nullableString, string } from '../schema/index.ts'

/** What became of the settings of one topic or broker. */
export const alteredResource = {
  errorCode: int16,
  errorMessage: nullableString,
  resourceType: int8,
  resourceName: string,
}
