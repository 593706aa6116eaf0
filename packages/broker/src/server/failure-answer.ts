import { type Api, errorCode } from '@varve/protocol'

/**
 * The answer to a request that failed for no reason the protocol knows; undefined where the response has, in this version, no
 * place for an error as a whole: it would be taken for a good answer with nothing in it.
 */
export function failureAnswer(api: Api, apiVersion: number): object | undefined {
  const place = api.response.fields['errorCode']?.spec
  if (place === undefined || apiVersion < place.first || apiVersion > place.last) return undefined
  return { ...api.response.empty(), errorCode: errorCode('UNKNOWN_SERVER_ERROR') }
}
