/** The principal of a connection in the two parts that delegation tokens name it by. */
import type { RequestContext } from './handler.ts'

export function tokenRequester({ connection }: Pick<RequestContext, 'connection'>): {
  readonly principalType: string
  readonly principalName: string
} {
  const { principal } = connection
  const colon = principal.indexOf(':')
  return { principalType: principal.slice(0, colon), principalName: principal.slice(colon + 1) }
}
