import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import { expireOffsets } from './expire-offsets.ts'
import type { OffsetsEvent } from './offsets-event.ts'
import { takeDeletedTopics } from './offsets-metadata-changed.ts'

/** Decides what a timer of committed offsets fired. */
export function offsetsFired(
  state: GroupShardState,
  event: OffsetsEvent,
  moment: GroupMoment,
): GroupDecision {
  switch (event.type) {
    case 'offsets-expire':
      return expireOffsets(state, event.left, moment)
    case 'offsets-topics-deleted':
      return takeDeletedTopics(state, event, moment)
  }
}
