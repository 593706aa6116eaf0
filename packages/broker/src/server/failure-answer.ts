import { type Api, errorCode } from '@varve/protocol'

/** The answer to a request that failed for no reason the protocol knows; undefined where the response has no place for an error as a whole. */
export function failureAnswer(api: Api): object | undefined {
  if (!('errorCode' in api.response.fields)) return undefined
  return { ...api.response.empty(), errorCode: errorCode('UNKNOWN_SERVER_ERROR') }
}
