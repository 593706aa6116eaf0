import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import { nextExpiry } from './expire-offsets.ts'

/** From now on expired offsets are looked for. */
export function offsetsLoaded(_state: GroupShardState, moment: GroupMoment): GroupDecision {
  return nextExpiry(moment)
}
