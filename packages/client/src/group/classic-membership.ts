import { decodeAssignment, type JoinGroupResponse } from '@varve/protocol'
import { backoffMs } from '../backoff.ts'
import { ChangeSignal } from '../change-signal.ts'
import type { TopicPartition } from '../consumer/topic-partition.ts'
import { asError, FencedError, ProtocolError } from '../errors.ts'
import { retrying } from '../retry.ts'
import { within } from '../within.ts'
import type { PartitionCounts } from './assignors/assignor.ts'
import { ClassicRequests } from './classic-requests.ts'
import { difference } from './difference.ts'
import { HeartbeatTimer } from './heartbeat-timer.ts'
import { countPartitions, encodedAssignments, flat, membersOf } from './leader.ts'
import {
  HANDLING_SHARE,
  type MemberIdentity,
  type Membership,
  type MembershipParts,
} from './membership.ts'
import { MissingTopics } from './missing-topics.ts'
import { reactionTo } from './reaction.ts'

const FAILURES_PER_WARNING = 10

/**
 * A member of a classic group. One loop joins whenever there is a reason to; heartbeats run beside it, also while hooks and
 * handlers take their time, and bring the reasons. The coordinator alone decides who owns what: when it says that our
 * generation is over, nothing more is handed out from that moment on.
 */
export class ClassicMembership implements Membership {
  readonly #parts: MembershipParts
  readonly #requests: ClassicRequests
  readonly #rebalanceProtocol: 'eager' | 'cooperative'
  readonly #heartbeats: HeartbeatTimer
  readonly #missingTopics: MissingTopics
  readonly #changed = new ChangeSignal()
  #memberId = ''
  #generationId = -1
  /** What the last generation gave us, for an assignor that lets members keep it. */
  #lastAssigned: readonly TopicPartition[] = []
  /** What the partitions were divided by, when this member divided them: 0 for a topic that was not there. */
  #counted: PartitionCounts | undefined
  #joinReason: string | undefined
  #isLost = false
  #isHeldBack = false
  #isResting = false
  #isLeaving = false
  #failures = 0
  #running: Promise<void> = Promise.resolve()
  #stopWatching = () => {}

  constructor(parts: MembershipParts) {
    const { cluster, settings, topics } = parts
    this.#parts = parts
    this.#requests = new ClassicRequests({ ...parts, client: cluster.settings })
    // One eager assignor among them may be the one that the group uses, and it divides what others have not given up.
    this.#rebalanceProtocol = settings.assignors.every(
      ({ rebalanceProtocol }) => rebalanceProtocol === 'cooperative',
    )
      ? 'cooperative'
      : 'eager'
    this.#missingTopics = new MissingTopics(cluster, topics)
    this.#heartbeats = new HeartbeatTimer({
      client: cluster.settings,
      sessionTimeoutMs: settings.sessionTimeoutMs,
      intervalMs: () => settings.heartbeatIntervalMs,
      onTick: now => this.#tick(now),
      beat: () => this.#beat(),
      onFailure: error =>
        cluster.settings.log.debug('a heartbeat failed', { groupId: settings.groupId, error }),
    })
  }

  get identity(): MemberIdentity | undefined {
    if (this.#generationId < 0 || this.#isLost) return undefined
    return {
      memberId: this.#memberId,
      generationIdOrMemberEpoch: this.#generationId,
      groupInstanceId: this.#parts.settings.groupInstanceId,
    }
  }

  start(): void {
    this.#stopWatching = this.#parts.cluster.onImage(() => this.#compareCounts())
    this.#askToJoin('the consumer starts')
    this.#running = this.#run()
  }

  awake(): void {
    if (!this.#isResting) return
    this.#isResting = false
    this.#askToJoin('the reader came back')
  }

  refused(error: unknown, identity: MemberIdentity): void {
    // The answer to a join that is under way will tell; until it comes, an older generation may well be refused.
    if (!this.#isHeldBack) this.#react(error, identity)
  }

  /** The coordinator does not count the time that it holds a member back, which has a limit too. */
  isSessionOver(now: number): boolean {
    if (!this.#heartbeats.isSessionOver(now)) return false
    return !this.#isHeldBack || this.#heartbeats.silentMs(now) >= this.#requests.heldBackMsMax
  }

  async leave(reason: string, timeoutMs: number): Promise<void> {
    const { cluster, holder, settings } = this.#parts
    const { clock } = cluster.settings.platform
    const deadline = clock.monotonic() + timeoutMs
    const leftMs = () => Math.max(1, deadline - clock.monotonic())
    this.#isLeaving = true
    this.#stopWatching()
    this.#changed.fire()
    // An id that is on its way is waited for: a member that nobody says good-bye to holds up the others.
    const isUnnamed = this.#memberId === '' && settings.groupInstanceId === null
    if (!this.#isHeldBack || isUnnamed)
      await within(clock, leftMs() * HANDLING_SHARE, this.#running)
    if (this.#isLost) await within(clock, leftMs(), holder.lose())
    else await within(clock, leftMs(), holder.revoke(holder.owned, leftMs() * HANDLING_SHARE))
    this.#heartbeats.end()
    const memberId = this.#memberId
    this.#forgetGeneration()
    // A static member does not say good-bye: it may be back before its session is over (KIP-345).
    if (memberId === '' || settings.groupInstanceId !== null) return
    await within(clock, leftMs(), this.#requests.leave(memberId, reason, leftMs()))
  }

  async #run(): Promise<void> {
    while (!this.#isLeaving) {
      if (this.#isLost) {
        await this.#parts.holder.lose()
        this.#isLost = false
      }
      const reason = this.#joinReason
      if (reason === undefined) {
        await this.#changed.next()
        continue
      }
      this.#joinReason = undefined
      try {
        await this.#rejoin(reason)
        this.#failures = 0
      } catch (error) {
        if (this.#isLeaving) return
        this.#react(error, undefined)
        if (this.#isLeaving) return
        this.#askToJoin(reason)
        if (reactionTo(error) !== 'rejoin') await this.#pause(error)
      }
    }
  }

  /** Waits before joining again after a failure, the longer the more there were. */
  #pause(error: unknown): Promise<unknown> {
    const { settings } = this.#parts.cluster
    this.#failures += 1
    const waitMs = backoffMs(settings.retryBackoff, this.#failures, settings.platform.random)
    const fields = {
      groupId: this.#parts.settings.groupId,
      failures: this.#failures,
      waitMs,
      error,
    }
    const level = this.#failures % FAILURES_PER_WARNING === 0 ? 'warn' : 'debug'
    settings.log[level]('could not join the group; will try again', fields)
    return within(settings.platform.clock, waitMs, this.#changed.next())
  }

  async #rejoin(reason: string): Promise<void> {
    const { holder } = this.#parts
    if (this.#rebalanceProtocol === 'eager') await holder.revoke(holder.owned, this.#revocationMs())
    if (this.#isLeaving) return
    // The generation may have ended meanwhile. Whoever noticed asked to join again, too.
    if (this.#isLost) return
    this.#heartbeats.stop()
    // What heartbeats asked for while partitions were given up is what happens now.
    this.#joinReason = undefined
    const joined = await this.#join(reason)
    // What is still owned can only be committed in a generation, so it is entered even by a member that leaves.
    const isGone = () => this.#isLeaving && holder.owned.length === 0
    if (isGone()) return
    const assignments = this.#isDivider(joined) ? await this.#divide(joined) : []
    const identity = this.identity
    if (isGone() || identity === undefined) return
    const blob = await this.#heldBack(() =>
      this.#requests.sync(identity, joined.protocolName, assignments),
    )
    if (this.#isLeaving) return
    this.#heartbeats.start()
    const given = blob.length === 0 ? [] : flat(decodeAssignment(blob).assignedPartitions)
    await this.#take(this.#wanted(given))
  }

  /** A leader of another kind may hand out topics to members that do not read them. */
  #wanted(given: readonly TopicPartition[]): readonly TopicPartition[] {
    const { cluster, settings, topics } = this.#parts
    const stray = given.filter(({ topic }) => !topics.includes(topic))
    if (stray.length === 0) return given
    const { groupId } = settings
    const message = 'the leader of the group gave us topics that we do not read; nobody reads them'
    cluster.settings.log.warn(message, { groupId, topics: [...new Set(stray.map(at => at.topic))] })
    return given.filter(({ topic }) => topics.includes(topic))
  }

  async #join(reason: string): Promise<JoinGroupResponse> {
    const { holder, settings, topics } = this.#parts
    for (;;) {
      const response = await this.#heldBack(() =>
        this.#requests.join({
          memberId: this.#memberId,
          topics,
          owned: holder.owned,
          lastAssigned: this.#lastAssigned,
          generationId: this.#generationId,
          reason,
        }),
      )
      this.#memberId = response.memberId
      this.#heartbeats.contact(this.#parts.cluster.settings.platform.clock.monotonic())
      // KIP-394: the id has to be used once before it counts.
      if (response.errorCode !== 0 && this.#isLeaving) return response
      if (response.errorCode !== 0) continue
      this.#generationId = response.generationId
      this.#counted = undefined
      const { groupId } = settings
      const { generationId, memberId, leader } = response
      const fields = { groupId, generationId, memberId, isLeader: leader === memberId, reason }
      this.#parts.cluster.settings.log.info('joined the group', fields)
      return response
    }
  }

  /** KIP-814: a static leader that comes back may be told to leave the assignment as it is. */
  #isDivider({ leader, memberId, skipAssignment }: JoinGroupResponse): boolean {
    return leader === memberId && !skipAssignment
  }

  async #divide(joined: JoinGroupResponse) {
    const { cluster, settings } = this.#parts
    const assignor = settings.assignors.find(({ name }) => name === joined.protocolName)
    if (assignor === undefined) {
      const about = `dividing the partitions of group ${settings.groupId}`
      const detail = `the group chose ${joined.protocolName}, which this member did not offer`
      throw new ProtocolError('INCONSISTENT_GROUP_PROTOCOL', about, detail)
    }
    const members = membersOf(joined)
    for (const topic of new Set(members.flatMap(({ topics }) => topics))) cluster.track(topic)
    const about = 'looking up the topics of the group'
    await retrying(cluster.settings, { about, timeoutMs: settings.sessionTimeoutMs }, () =>
      cluster.refresh(),
    )
    const counts = countPartitions(members, cluster.image)
    const assignments = encodedAssignments(assignor, members, counts)
    this.#counted = new Map(
      members.flatMap(member => member.topics.map(topic => [topic, counts.get(topic) ?? 0])),
    )
    return assignments
  }

  /** Goes over to what the generation gives us: first gives up, then takes. */
  async #take(target: readonly TopicPartition[]): Promise<void> {
    const { holder } = this.#parts
    const { revoked, added } = difference(holder.owned, target)
    this.#lastAssigned = target
    if (revoked.length > 0) {
      await holder.revoke(revoked, this.#revocationMs())
      // KIP-429: only now may others get them.
      this.#askToJoin('partitions were given up for others')
    }
    if (!this.#isLost && !this.#isLeaving) await holder.assign(added)
  }

  #tick(now: number): void {
    const { holder, settings } = this.#parts
    this.#missingTopics.check(now)
    holder.recheck()
    if (holder.idleMs(now) >= settings.maxPollIntervalMs) this.#rest()
  }

  async #beat(): Promise<void> {
    const { identity } = this
    if (identity === undefined) return
    try {
      await this.#requests.heartbeat(identity)
    } catch (error) {
      if (!this.#isHeldBack) this.#react(error, identity)
      if (reactionTo(error) !== 'rejoin') throw error
    }
    if (!this.#isLost) this.#parts.holder.resume()
  }

  /** The reader has not come back for too long: others shall read what it does not. */
  #rest(): void {
    const { cluster, settings } = this.#parts
    if (this.#isResting || this.#isLeaving) return
    const { groupId, maxPollIntervalMs } = settings
    const message = 'nobody asked for records for maxPollIntervalMs; the consumer leaves the group'
    cluster.settings.log.warn(message, { groupId, maxPollIntervalMs })
    const memberId = this.#memberId
    this.#isResting = true
    this.#lose()
    this.#memberId = ''
    this.#heartbeats.end()
    this.#joinReason = undefined
    // A static member keeps its partitions until its session is over, as at the end.
    if (settings.groupInstanceId !== null) return
    this.#requests
      .leave(memberId, 'the reader did not come back', cluster.settings.requestTimeoutMs)
      .catch((error: unknown) =>
        cluster.settings.log.debug('could not leave the group', { groupId, error }),
      )
  }

  /** Does what an answer asks for. `identity`: who it was given to, when that matters. */
  #react(error: unknown, identity: MemberIdentity | undefined): void {
    if (identity !== undefined && !this.#isStill(identity)) return
    const reaction = reactionTo(error)
    switch (reaction) {
      case 'retry':
        return
      case 'find-coordinator':
        this.#parts.coordinator.forget()
        return
      case 'rejoin':
        this.#askToJoin('the group is rebalancing')
        return
      case 'rejoin-lost':
      case 'rejoin-new':
        if (reaction === 'rejoin-new') this.#memberId = ''
        this.#lose()
        this.#askToJoin(`the coordinator answered ${(error as ProtocolError).error}`)
        return
      case 'give-up':
        this.#end(error)
    }
  }

  #isStill({ memberId, generationIdOrMemberEpoch }: MemberIdentity): boolean {
    return memberId === this.#memberId && generationIdOrMemberEpoch === this.#generationId
  }

  /** What we own belongs to others: nothing of it is handed out from now on. The loop does the rest. */
  #lose(): void {
    const { cluster, holder, settings } = this.#parts
    const { groupId } = settings
    const fields = { groupId, generationId: this.#generationId, partitions: holder.owned.length }
    if (holder.owned.length > 0)
      cluster.settings.log.warn('the group gave the partitions to others', fields)
    this.#isLost = true
    this.#forgetGeneration()
    holder.suspend()
    this.#changed.fire()
  }

  #forgetGeneration(): void {
    this.#generationId = -1
    this.#lastAssigned = []
    this.#counted = undefined
  }

  /** The membership cannot go on; the reader is told. */
  #end(error: unknown): void {
    const { cluster, holder, settings } = this.#parts
    this.#isLeaving = true
    this.#stopWatching()
    this.#heartbeats.end()
    this.#lose()
    this.#memberId = ''
    this.#changed.fire()
    const isFenced = error instanceof ProtocolError && error.error === 'FENCED_INSTANCE_ID'
    const about = `another consumer took over the groupInstanceId ${settings.groupInstanceId}`
    const reason = isFenced ? new FencedError(about, { cause: error }) : asError(error)
    cluster.settings.log.error('the membership in the group ended', {
      groupId: settings.groupId,
      error: reason,
    })
    holder.failed(reason)
  }

  #askToJoin(reason: string): void {
    if (this.#isLeaving || this.#isResting) return
    this.#joinReason ??= reason
    this.#changed.fire()
  }

  /** The member that divided the partitions has them divided again when there are more, or fewer. */
  #compareCounts(): void {
    if (this.#counted === undefined) return
    const { image } = this.#parts.cluster
    for (const [topic, counted] of this.#counted) {
      const known = image.topics.get(topic)
      const count = known === undefined || known.error !== undefined ? 0 : known.partitions.length
      if (count === counted) continue
      this.#askToJoin(`topic ${topic} has ${count} partitions now`)
      return
    }
  }

  #revocationMs(): number {
    return this.#parts.settings.rebalanceTimeoutMs * HANDLING_SHARE
  }

  async #heldBack<T>(ask: () => Promise<T>): Promise<T> {
    this.#isHeldBack = true
    try {
      return await ask()
    } finally {
      this.#isHeldBack = false
    }
  }
}
