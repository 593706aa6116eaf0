import { removalOfGroup } from '../admin/removal-of-group.ts'
import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import type { GroupOffsets } from './group-offsets.ts'
import { offsetTombstone } from './offset-records.ts'
import { isExpired, offsetRetention } from './offset-retention.ts'
import type { LeftGroups } from './offsets-event.ts'
import { hasPendingOffsets } from './pending-offsets.ts'
import { isStale } from './stale-offset.ts'
import { isFull, type Stretch, sweepStretch } from './sweep.ts'

const EXPIRY_TIMER = 'offsets/expire'

/** The next round begins after `offsets.retention.check.interval.ms`. */
export function nextExpiry({ patientMs, rules }: GroupMoment): GroupDecision {
  const atMs = patientMs + rules.offsetsRetentionCheckIntervalMs
  return {
    timers: [{ set: EXPIRY_TIMER, atMs, event: { type: 'offsets-expire', left: undefined } }],
  }
}

/**
 * One stretch of a round over all groups: offsets whose time is over are taken away, and groups without members and offsets with them
 * (G4: nothing else is). The rest of the round follows at once, with others having their turn in between.
 */
export function expireOffsets(
  state: GroupShardState,
  begun: LeftGroups | undefined,
  moment: GroupMoment,
): GroupDecision {
  const { changes, left } = sweepStretch(begun ?? allGroups(state), (groupId, stretch) =>
    expireGroup({ state, groupId, moment }, stretch),
  )
  if (left === undefined) return { changes, ...nextExpiry(moment) }
  const event = { type: 'offsets-expire', left } as const
  return { changes, timers: [{ set: EXPIRY_TIMER, atMs: moment.patientMs, event }] }
}

function allGroups({ groups, offsets }: GroupShardState): LeftGroups {
  return { groupIds: [...new Set([...groups.keys(), ...offsets.keys()])], next: 0 }
}

interface Visit {
  readonly state: GroupShardState
  readonly groupId: string
  readonly moment: GroupMoment
}

function expireGroup({ state, groupId, moment }: Visit, stretch: Stretch): void {
  const group = state.groups.get(groupId)
  const offsets = state.offsets.get(groupId)
  if (group === undefined && offsets === undefined) return
  // A transaction is about to say how far the group has come.
  if (hasPendingOffsets(state.pendingOffsets, groupId)) return
  // Who was given a member id is about to join with it.
  if (group?.kind === 'classic' && group.pendingMembers.size > 0) return
  if (offsets !== undefined && !takeExpired({ state, groupId, moment }, offsets, stretch)) return
  // Offsets that go in this very decision are not removed twice: the group goes with the offsets it has left, which are none.
  const removal = removalOfGroup(state, groupId, 'group only')
  if (typeof removal !== 'string') stretch.changes.push(...removal.changes)
}

/** Says whether none is left. */
function takeExpired(
  { state, groupId, moment }: Visit,
  offsets: GroupOffsets,
  stretch: Stretch,
): boolean {
  const { nowMs, image, rules } = moment
  const retention = offsetRetention(state.groups.get(groupId))
  const age = { nowMs, retentionMs: rules.offsetsRetentionMs }
  let isNoneLeft = true
  for (const [topic, partitions] of offsets) {
    stretch.looks += partitions.size
    const mayExpire = retention !== undefined && !retention.isRead(topic)
    for (const [partition, committed] of partitions) {
      const isOver =
        isStale(committed, topic, image) || (mayExpire && isExpired(committed, retention, age))
      if (!isOver) {
        isNoneLeft = false
        continue
      }
      if (isFull(stretch)) return false
      stretch.changes.push(offsetTombstone({ groupId, topic, partition }))
    }
  }
  return isNoneLeft
}
