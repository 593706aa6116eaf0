/** The answers to SyncGroup. */
import { type ErrorName, errorCode, type SyncGroupResponse } from '@varve/protocol'
import { NO_BYTES } from './classic-group.ts'

export function refusedSync(error: ErrorName): SyncGroupResponse {
  return {
    throttleTimeMs: 0,
    errorCode: errorCode(error),
    protocolType: null,
    protocolName: null,
    assignment: NO_BYTES,
  }
}

export function synced(
  group: { readonly protocolType: string | null; readonly protocolName: string | null },
  assignment: Uint8Array,
): SyncGroupResponse {
  const { protocolType, protocolName } = group
  return { throttleTimeMs: 0, errorCode: errorCode('NONE'), protocolType, protocolName, assignment }
}
