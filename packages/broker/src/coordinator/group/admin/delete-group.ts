import type { ErrorName } from '@varve/protocol'
import { answer, type Ticket } from '../../runtime/decision.ts'
import type { GroupDecision } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import { removalOfGroup } from './removal-of-group.ts'

/** Decides one group of a DeleteGroups: it goes with its committed offsets, unless it has members (KIP-229). */
export function deleteGroup(
  state: GroupShardState,
  groupId: string,
  ticket: Ticket<ErrorName>,
): GroupDecision {
  const removal = removalOfGroup(state, groupId, 'offsets and group')
  if (typeof removal === 'string') return { answers: [answer(ticket, removal)] }
  return { ...removal, answers: [answer<ErrorName>(ticket, 'NONE')] }
}
