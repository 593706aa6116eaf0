/** The rounds of a classic group: from the first sign that its members change to the generation in which all know each other. */
import { assert } from '../../../assert.ts'
import type { ClassicDraft } from './classic-draft.ts'
import { type ClassicMember, NO_BYTES } from './classic-group.ts'
import { classicGroupRecord } from './classic-group-record.ts'
import { joinTimer, syncTimer } from './classic-timers.ts'
import { largestGivenOut, nextGenerationId } from './generation-ids.ts'
import { joined } from './join-answers.ts'
import { selectProtocol } from './select-protocol.ts'
import { refusedSync } from './sync-answers.ts'

/** A round that nobody has joined is looked at again after this time at the earliest: a member may give itself no time at all. */
const AGAIN_MIN_MS = 1_000

/** Goes on after members have joined or gone: begins a round, or ends the one that waited for them only. */
export function rebalance(draft: ClassicDraft): void {
  switch (draft.state) {
    case 'Stable':
    case 'CompletingRebalance':
      beginRound(draft)
      return
    case 'PreparingRebalance':
      // The delay for the first members of a group lasts although all who are known have joined.
      if (draft.isComplete && (draft.group.initialRebalance === null || draft.memberCount === 0)) {
        endJoinPhase(draft)
      }
      return
    case 'Empty':
      if (draft.memberCount > 0) beginRound(draft)
      else closeIfAbandoned(draft)
      return
    case 'Dead':
      return
  }
}

/** Calls all members together. Those who wait for their assignment are told to join again. */
function beginRound(draft: ClassicDraft): void {
  const { groupId, group, moment } = draft
  for (const [memberId, ticket] of group.syncing) {
    const member = draft.member(memberId)
    if (member === undefined) continue
    draft.answer(ticket, refusedSync('REBALANCE_IN_PROGRESS'))
    if (draft.parkedJoin(memberId) === undefined) draft.beginSession(member)
  }
  draft.time({ cancel: syncTimer(groupId) })
  if (draft.state !== 'Empty') {
    draft.beginRebalance(null)
    if (draft.isComplete) endJoinPhase(draft)
    else waitForMembers(draft)
    return
  }
  const delayMs = moment.rules.initialRebalanceDelayMs
  if (delayMs <= 0) {
    draft.beginRebalance(null)
    endJoinPhase(draft)
    return
  }
  const remainingMs = Math.max(rebalanceTimeoutMs(draft) - delayMs, 0)
  draft.beginRebalance({ remainingMs, hasNewMember: false })
  setJoinTimer(draft, delayMs)
}

/** The initial delay is over: it begins again if members arrived meanwhile and the rebalance timeout leaves room. */
export function endInitialDelay(draft: ClassicDraft): void {
  const initial = draft.group.initialRebalance
  assert(initial !== null, 'only a group with an initial delay ends it')
  if (!initial.hasNewMember || initial.remainingMs === 0) return endJoinPhase(draft)
  const delayMs = Math.min(draft.moment.rules.initialRebalanceDelayMs, initial.remainingMs)
  const remainingMs = initial.remainingMs - delayMs
  draft.change({
    type: 'classic-rebalance-delayed',
    groupId: draft.groupId,
    initial: { remainingMs, hasNewMember: false },
  })
  setJoinTimer(draft, delayMs)
}

/**
 * Ends the join phase with those who have joined. Dynamic members that did not are no members any more; static ones stay until their
 * session ends (KIP-345), unless nobody else is there, and then the group goes on waiting.
 */
export function endJoinPhase(draft: ClassicDraft): void {
  for (const { memberId, instanceId } of [...draft.members()]) {
    if (instanceId === null && draft.parkedJoin(memberId) === undefined) draft.remove(memberId)
  }
  if (draft.memberCount === 0) return becomeEmpty(draft)
  const leaderId = leaderOf(draft)
  if (leaderId === undefined) {
    return setJoinTimer(draft, Math.max(rebalanceTimeoutMs(draft), AGAIN_MIN_MS))
  }
  beginGeneration(draft, leaderId)
}

function beginGeneration(draft: ClassicDraft, leaderId: string): void {
  const { groupId, group, protocolType } = draft
  const members = [...draft.members()]
  const protocolName = selectProtocol(members)
  assert(protocolName !== undefined, 'members that joined have a protocol in common')
  const generationId = nextGenerationId(group.lastGenerationId)
  const generation = { generationId, protocolType, protocolName, leaderId }
  draft.become('CompletingRebalance')
  if (group.settled !== null && generationId > largestGivenOut(group.settled.generation)) {
    const unassigned = members.map(member => ({ ...member, assignment: NO_BYTES }))
    const sinceMs = draft.moment.nowMs
    draft.change(classicGroupRecord({ groupId, ...generation, sinceMs, members: unassigned }))
  }
  draft.change({
    type: 'classic-generation-begun',
    groupId,
    generationId,
    protocolName,
    leaderId,
  })
  for (const member of members) {
    const { memberId } = member
    const parked = draft.parkedJoin(memberId)
    if (parked === undefined) continue
    const told: readonly ClassicMember[] = memberId === leaderId ? members : []
    draft.answer(parked.ticket, joined(generation, memberId, told))
    draft.beginSession(member)
  }
  draft.time({ cancel: joinTimer(groupId) })
  draft.time({
    set: syncTimer(groupId),
    atMs: draft.moment.patientMs + rebalanceTimeoutMs(draft),
    event: { type: 'classic-sync-expired', groupId, generationId },
  })
}

/** The leader that there was, if it has joined, or the first member that has. */
function leaderOf(draft: ClassicDraft): string | undefined {
  const { leaderId } = draft
  if (leaderId !== null && draft.parkedJoin(leaderId) !== undefined) return leaderId
  for (const { memberId } of draft.members()) {
    if (draft.parkedJoin(memberId) !== undefined) return memberId
  }
  return undefined
}

function becomeEmpty(draft: ClassicDraft): void {
  const { groupId, group } = draft
  draft.become('Empty')
  draft.time({ cancel: joinTimer(groupId) })
  if (group.settled === null && group.lastGenerationId === 0) {
    draft.change({ type: 'classic-group-emptied', groupId })
    closeIfAbandoned(draft)
    return
  }
  const record = classicGroupRecord({
    groupId,
    generationId: nextGenerationId(group.lastGenerationId),
    protocolType: draft.protocolType,
    protocolName: null,
    leaderId: null,
    sinceMs: draft.moment.nowMs,
    members: [],
  })
  draft.change(record)
}

/** A group that the log does not know and that nobody will join is forgotten. */
function closeIfAbandoned(draft: ClassicDraft): void {
  if (draft.group.settled !== null || draft.memberCount > 0 || draft.hasPendingMembers) return
  draft.become('Dead')
  draft.change({ type: 'classic-group-closed', groupId: draft.groupId })
}

function waitForMembers(draft: ClassicDraft): void {
  setJoinTimer(draft, rebalanceTimeoutMs(draft))
}

function setJoinTimer(draft: ClassicDraft, delayMs: number): void {
  const { groupId, group } = draft
  draft.time({
    set: joinTimer(groupId),
    atMs: draft.moment.patientMs + delayMs,
    event: { type: 'classic-join-expired', groupId, generationId: group.generationId },
  })
}

/** The longest that one of the members may take. */
function rebalanceTimeoutMs(draft: ClassicDraft): number {
  let longest = 0
  for (const { rebalanceTimeoutMs } of draft.members()) {
    longest = Math.max(longest, rebalanceTimeoutMs)
  }
  return longest
}
