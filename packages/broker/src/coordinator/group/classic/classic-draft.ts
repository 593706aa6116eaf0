import type { JoinGroupResponse, SyncGroupResponse } from '@varve/protocol'
import { assert } from '../../../assert.ts'
import { type Answer, answer, type Ticket, type TimerChange } from '../../runtime/decision.ts'
import type { GroupChange } from '../change.ts'
import type { GroupEvent } from '../event.ts'
import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { ClassicGroup, ClassicMember, InitialRebalance, ParkedJoin } from './classic-group.ts'
import { assertEdge, type ClassicGroupState } from './classic-group-states.ts'
import { sessionTimer, sessionUntil } from './classic-timers.ts'
import { refusedJoin } from './join-answers.ts'
import { refusedSync } from './sync-answers.ts'

/**
 * A classic group as a decision is about to leave it. What is done to the draft is seen through it at once, and becomes the changes,
 * answers and timers of one decision; the group itself is not touched.
 */
export class ClassicDraft {
  readonly moment: GroupMoment
  /** The group as it is. Its members are asked of the draft. */
  readonly group: ClassicGroup
  readonly #changes: GroupChange[] = []
  readonly #answers: Answer[] = []
  readonly #timers: TimerChange<GroupEvent>[] = []
  readonly #removed = new Set<string>()
  readonly #placed = new Map<string, ClassicMember>()
  readonly #parked = new Map<string, ParkedJoin>()
  readonly #pendingEnded = new Set<string>()
  #state: ClassicGroupState
  #leaderId: string | null
  #protocolType: string | null
  #hasPendingBegun = false

  constructor(group: ClassicGroup, moment: GroupMoment) {
    this.group = group
    this.moment = moment
    this.#state = group.state
    this.#leaderId = group.leaderId
    this.#protocolType = group.protocolType
  }

  get groupId(): string {
    return this.group.groupId
  }

  get state(): ClassicGroupState {
    return this.#state
  }

  get leaderId(): string | null {
    return this.#leaderId
  }

  get protocolType(): string | null {
    return this.#protocolType
  }

  get memberCount(): number {
    let added = 0
    for (const memberId of this.#placed.keys()) if (!this.group.members.has(memberId)) added += 1
    return this.group.members.size - this.#removed.size + added
  }

  get hasPendingMembers(): boolean {
    return this.#hasPendingBegun || this.group.pendingMembers.size > this.#pendingEnded.size
  }

  /** Whether nobody is waited for: every member has joined, and so has everybody who was given a member id. */
  get isComplete(): boolean {
    const { memberCount } = this
    return memberCount === 0 || (this.waitingCount === memberCount && !this.hasPendingMembers)
  }

  /** Members whose JoinGroup is parked. */
  get waitingCount(): number {
    const { joining } = this.group
    let count = joining.size
    for (const memberId of this.#removed) if (joining.has(memberId)) count -= 1
    for (const memberId of this.#parked.keys()) if (!joining.has(memberId)) count += 1
    return count
  }

  *members(): Generator<ClassicMember, void, void> {
    for (const [memberId, member] of this.group.members) {
      if (!this.#removed.has(memberId)) yield this.#placed.get(memberId) ?? member
    }
    for (const [memberId, member] of this.#placed) {
      if (!this.group.members.has(memberId)) yield member
    }
  }

  member(memberId: string): ClassicMember | undefined {
    if (this.#removed.has(memberId)) return undefined
    return this.#placed.get(memberId) ?? this.group.members.get(memberId)
  }

  parkedJoin(memberId: string): ParkedJoin | undefined {
    if (this.#removed.has(memberId)) return undefined
    return this.#parked.get(memberId) ?? this.group.joining.get(memberId)
  }

  isPending(memberId: string): boolean {
    return this.group.pendingMembers.has(memberId) && !this.#pendingEnded.has(memberId)
  }

  become(state: ClassicGroupState): void {
    assertEdge(this.#state, state)
    this.#state = state
  }

  /** Keeps a member id for whoever was given it (KIP-394). */
  pend(memberId: string): void {
    this.#hasPendingBegun = true
    this.change({ type: 'classic-member-pending', groupId: this.groupId, memberId })
  }

  endPending(memberId: string): void {
    this.#pendingEnded.add(memberId)
    this.change({ type: 'classic-pending-ended', groupId: this.groupId, memberId })
    this.time({ cancel: sessionTimer(this.groupId, memberId) })
  }

  /** Lets a member, new or known, wait for the end of the round. Its older request is answered: the client has given it up. */
  park(member: ClassicMember, protocolType: string, parked: ParkedJoin): void {
    const { groupId } = this
    const { memberId } = member
    const superseded = this.parkedJoin(memberId)
    if (superseded !== undefined) {
      this.answer(superseded.ticket, refusedJoin(memberId, 'REBALANCE_IN_PROGRESS'))
    }
    if (this.memberCount === 0) this.#protocolType = protocolType
    if (this.group.pendingMembers.has(memberId)) this.#pendingEnded.add(memberId)
    this.#placed.set(memberId, member)
    this.#parked.set(memberId, parked)
    this.change({ type: 'classic-member-joining', groupId, member, protocolType, parked })
    this.time({ cancel: sessionTimer(groupId, memberId) })
  }

  /** Puts a static member that came back into its old place; who still uses the old member id is fenced (KIP-345). */
  replace(oldMemberId: string, member: ClassicMember): void {
    this.#release(oldMemberId, 'FENCED_INSTANCE_ID', oldMemberId)
    this.#takeOut(oldMemberId)
    this.#placed.set(member.memberId, member)
    if (this.#leaderId === oldMemberId) this.#leaderId = member.memberId
    this.change({ type: 'classic-member-replaced', groupId: this.groupId, oldMemberId, member })
  }

  /** Takes a member out; what it had parked is answered, so that it joins again if it is alive. */
  remove(memberId: string): void {
    assert(this.member(memberId) !== undefined, 'only a member is removed from a classic group')
    this.#release(memberId, 'UNKNOWN_MEMBER_ID', '')
    this.#takeOut(memberId)
    if (this.#leaderId === memberId) this.#leaderId = null
    this.change({ type: 'classic-member-removed', groupId: this.groupId, memberId })
  }

  beginRebalance(initial: InitialRebalance | null): void {
    this.become('PreparingRebalance')
    this.change({ type: 'classic-rebalance-begun', groupId: this.groupId, initial })
  }

  change(change: GroupChange): void {
    this.#changes.push(change)
  }

  answer<Response>(ticket: Ticket<Response>, response: Response): void {
    this.#answers.push(answer(ticket, response))
  }

  time(timer: TimerChange<GroupEvent>): void {
    this.#timers.push(timer)
  }

  /** Begins the session of a member that was answered. */
  beginSession({ memberId, sessionTimeoutMs }: ClassicMember): void {
    this.time(sessionUntil(this.groupId, memberId, this.moment.patientMs + sessionTimeoutMs))
  }

  /** What was done to the draft. */
  decision(): GroupDecision {
    return { changes: this.#changes, answers: this.#answers, timers: this.#timers }
  }

  #takeOut(memberId: string): void {
    this.#placed.delete(memberId)
    this.#parked.delete(memberId)
    if (this.group.members.has(memberId)) this.#removed.add(memberId)
  }

  #release(
    memberId: string,
    error: 'FENCED_INSTANCE_ID' | 'UNKNOWN_MEMBER_ID',
    answeredId: string,
  ): void {
    const join: Ticket<JoinGroupResponse> | undefined = this.parkedJoin(memberId)?.ticket
    if (join !== undefined) this.answer(join, refusedJoin(answeredId, error))
    const sync: Ticket<SyncGroupResponse> | undefined = this.group.syncing.get(memberId)
    if (sync !== undefined && !this.#removed.has(memberId)) this.answer(sync, refusedSync(error))
    this.time({ cancel: sessionTimer(this.groupId, memberId) })
  }
}
