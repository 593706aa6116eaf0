import { Buffer } from 'node:buffer'
import type { GroupRequest } from '../coordinator/group/caller.ts'
import type { RequestContext } from './handler.ts'

/** What decisions of the group coordinator know of who asks. */
export type GroupCaller = Omit<GroupRequest<never, never>, 'request' | 'ticket'>

/** Who asks the group coordinator. `freshId` is empty: for requests that need no new id. */
export function callerOf({ apiVersion, clientId, connection }: RequestContext): GroupCaller {
  return { apiVersion, clientId, clientHost: `/${connection.remoteAddress}`, freshId: '' }
}

/** Who asks, with a new uuid for the request to use: a version 4 one in its usual text form, as member ids have it. */
export function callerWithFreshId(context: RequestContext): GroupCaller {
  const bytes = Buffer.from(context.broker.world.random.bytes(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)]
  return { ...callerOf(context), freshId: `${parts.join('-')}-${hex.slice(20)}` }
}
