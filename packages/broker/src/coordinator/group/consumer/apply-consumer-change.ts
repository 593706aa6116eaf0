import type { GroupShardState } from '../state.ts'
import type { ConsumerChange } from './consumer-change.ts'

/** Brings the state up to a soft change; one of a group that is gone means nothing. */
export function applyConsumerChange(state: GroupShardState, change: ConsumerChange): void {
  const group = state.groups.get(change.groupId)
  if (group?.kind !== 'consumer') return
  const { soft } = group
  switch (change.type) {
    case 'consumer-waits':
      soft.waiting.set(change.waiting.ticket.number, change.waiting)
      return
    case 'consumer-waits-no-more':
      soft.waiting.delete(change.ticketNumber)
      return
    case 'consumer-assigning':
      soft.assigning = change.epoch
      return
    case 'consumer-resolving':
      soft.isResolving = true
      if (change.what === 'all') soft.hasNewTopics = false
      return
    case 'consumer-resolved':
      soft.isResolving = false
      soft.resolvedAtMs = change.atMs
      if (change.what === 'all') soft.allResolvedAtMs = change.atMs
      return
    case 'consumer-topics-changed':
      soft.hasNewTopics = true
      return
    case 'consumer-join-awaited':
      if (change.awaited === 'yes') soft.awaitedJoins.add(change.memberId)
      else soft.awaitedJoins.delete(change.memberId)
      return
  }
}
