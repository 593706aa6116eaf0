import type { ConsumerGroupHeartbeatResponse } from '@varve/protocol'
import { ChangeSignal } from '../change-signal.ts'
import { asError, FencedError, isRetriable, ProtocolError } from '../errors.ts'
import { within } from '../within.ts'
import {
  type ConsumerRequestParts,
  consumerHeartbeat,
  JOIN_EPOCH,
  LEAVE_EPOCH,
  LEAVE_FOR_A_WHILE_EPOCH,
  type TopicIdPartitions,
} from './consumer-requests.ts'
import { difference } from './difference.ts'
import { HeartbeatTimer } from './heartbeat-timer.ts'
import {
  HANDLING_SHARE,
  type MemberIdentity,
  type Membership,
  type MembershipParts,
} from './membership.ts'
import { MissingTopics } from './missing-topics.ts'
import { randomUuid } from './random-uuid.ts'
import { reactionTo } from './reaction.ts'
import { TopicNames } from './topic-names.ts'

/** How often the first heartbeat is tried again, before the broker has said how often it wants to hear from us. */
const FIRST_INTERVAL_MS = 1000
/** How much longer than a session a static member waits for a predecessor that may have died without a word. */
const PREDECESSOR_GRACE_MS = 15_000
const FAILURES_PER_WARNING = 10

/**
 * A member of a KIP-848 group. The broker says which partitions the member shall own; the member gives up what is not among
 * them, says so, takes what is new, and says that too. Heartbeats go on meanwhile. An epoch that the broker refuses means that
 * everything belongs to others.
 */
export class ConsumerMembership implements Membership {
  readonly #parts: MembershipParts
  readonly #requests: ConsumerRequestParts
  readonly #heartbeats: HeartbeatTimer
  readonly #missingTopics: MissingTopics
  readonly #names: TopicNames
  readonly #changed = new ChangeSignal()
  readonly #memberId: string
  #memberEpoch = JOIN_EPOCH
  #intervalMs = FIRST_INTERVAL_MS
  /** What the broker wants us to own; undefined when we do. */
  #target: readonly TopicIdPartitions[] | undefined
  /** Everything has to be said: at first, and when the last heartbeat may not have arrived. */
  #mustSayAll = true
  /** What we own changed, which the broker waits to hear. */
  #mustAcknowledge = false
  /** The broker may have taken us in without our knowing: whoever leaves then has to say good-bye all the same (KIP-1082). */
  #mayBeJoining = false
  /** What the broker wants us to own of topics that no broker could name yet. */
  #unnamed: readonly TopicIdPartitions[] | undefined
  #unnamedAttempts = 0
  #isLost = false
  #isResting = false
  #isLeaving = false
  #failures = 0
  #heldByPredecessorSince: number | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(parts: MembershipParts) {
    const { cluster, settings, topics } = parts
    this.#parts = parts
    this.#requests = { ...parts, client: cluster.settings }
    this.#memberId = randomUuid(cluster.settings.platform.random)
    this.#missingTopics = new MissingTopics(cluster, topics)
    this.#names = new TopicNames(cluster)
    this.#heartbeats = new HeartbeatTimer({
      client: cluster.settings,
      sessionTimeoutMs: settings.sessionTimeoutMs,
      intervalMs: () => this.#intervalMs,
      onTick: now => this.#tick(now),
      beat: () => this.#beat(),
      onFailure: error => this.#reportFailure(error),
    })
  }

  get identity(): MemberIdentity | undefined {
    if (this.#memberEpoch <= JOIN_EPOCH || this.#isLost) return undefined
    return {
      memberId: this.#memberId,
      generationIdOrMemberEpoch: this.#memberEpoch,
      groupInstanceId: this.#parts.settings.groupInstanceId,
    }
  }

  start(): void {
    this.#heartbeats.start()
    this.#heartbeats.beatNow()
    this.#running = this.#run()
  }

  awake(): void {
    if (!this.#isResting) return
    this.#isResting = false
    this.#heartbeats.start()
    this.#heartbeats.beatNow()
  }

  refused(error: unknown, identity: MemberIdentity): void {
    // A commit with an older epoch than ours is refused without any harm: it is sent again with the new one.
    if (error instanceof ProtocolError && error.error === 'STALE_MEMBER_EPOCH')
      this.#heartbeats.beatNow()
    else this.#react(error, identity.generationIdOrMemberEpoch)
  }

  isSessionOver(now: number): boolean {
    return this.#memberEpoch > JOIN_EPOCH && this.#heartbeats.isSessionOver(now)
  }

  async leave(_reason: string, timeoutMs: number): Promise<void> {
    const { cluster, holder } = this.#parts
    const { clock } = cluster.settings.platform
    const deadline = clock.monotonic() + timeoutMs
    const leftMs = () => Math.max(1, deadline - clock.monotonic())
    this.#isLeaving = true
    this.#changed.fire()
    await within(clock, leftMs() * HANDLING_SHARE, this.#running)
    if (this.#isLost) await within(clock, leftMs(), holder.lose())
    else await within(clock, leftMs(), holder.revoke(holder.owned, leftMs() * HANDLING_SHARE))
    this.#heartbeats.end()
    if (this.#mayBeJoining) await within(clock, leftMs() * HANDLING_SHARE, this.#heartbeats.idle)
    if (this.#memberEpoch > JOIN_EPOCH || this.#mayBeJoining)
      await within(clock, leftMs(), this.#sayGoodBye(leftMs()))
  }

  /** Reconciles: owns what the broker wants us to own, one step after another. */
  async #run(): Promise<void> {
    while (!this.#isLeaving) {
      if (this.#isLost) {
        await this.#parts.holder.lose()
        this.#isLost = false
        this.#heartbeats.beatNow()
        continue
      }
      const target = this.#target
      this.#target = undefined
      if (target === undefined) await this.#changed.next()
      else await this.#reconcile(target)
    }
  }

  async #reconcile(target: readonly TopicIdPartitions[]): Promise<void> {
    const { cluster, holder, settings } = this.#parts
    try {
      const partitions = await this.#names.named(target)
      if (this.#isLost || this.#isLeaving) return
      this.#noteUnnamed(target)
      const { revoked, added } = difference(holder.owned, partitions)
      // What was asked for once more, in vain, changes nothing that the broker waits to hear.
      if (this.#unnamedAttempts > 1 && revoked.length === 0 && added.length === 0) return
      const { groupId } = settings
      const counts = { revoked: revoked.length, added: added.length, target: partitions.length }
      const fields = { groupId, memberEpoch: this.#memberEpoch, ...counts }
      cluster.settings.log.info('the group changed our partitions', fields)
      if (revoked.length > 0)
        await holder.revoke(revoked, settings.rebalanceTimeoutMs * HANDLING_SHARE)
      if (this.#isLost || this.#isLeaving) return
      await holder.assign(added)
      if (this.#isLost || this.#isLeaving) return
      this.#mustAcknowledge = true
      this.#heartbeats.beatNow()
    } catch (error) {
      if (this.#isLeaving) return
      if (!isRetriable(error)) {
        this.#end(error)
        return
      }
      cluster.settings.log.warn('could not take over the partitions of the group', { error })
      this.#target ??= target
    }
  }

  /** A broker may know a topic later than the coordinator does. It is asked again until the group no longer gives it to us. */
  #noteUnnamed(target: readonly TopicIdPartitions[]): void {
    const topicIds = target.map(({ topicId }) => topicId).filter(id => !this.#names.has(id))
    this.#unnamed = topicIds.length === 0 ? undefined : target
    this.#unnamedAttempts = this.#unnamed === undefined ? 0 : this.#unnamedAttempts + 1
    if (this.#unnamedAttempts % FAILURES_PER_WARNING !== 1) return
    const { cluster, settings } = this.#parts
    const message = 'the group gave us partitions of topics that no broker knows'
    cluster.settings.log.warn(message, { groupId: settings.groupId, topicIds })
  }

  #tick(now: number): void {
    const { holder, settings } = this.#parts
    if (this.#unnamed !== undefined && this.#target === undefined) {
      this.#target = this.#unnamed
      this.#changed.fire()
    }
    this.#missingTopics.check(now)
    holder.recheck()
    if (holder.idleMs(now) >= settings.maxPollIntervalMs) this.#rest()
  }

  async #beat(): Promise<void> {
    // Before it joins again, a member has to be done with what it lost.
    if (this.#isLost || this.#isResting) return
    const { holder } = this.#parts
    const memberEpoch = this.#memberEpoch
    const isFull = this.#mustSayAll || memberEpoch === JOIN_EPOCH
    const mustTellOwned = isFull || this.#mustAcknowledge
    const owned = memberEpoch === JOIN_EPOCH ? [] : this.#names.byId(holder.owned)
    this.#mustSayAll = false
    this.#mustAcknowledge = false
    if (memberEpoch === JOIN_EPOCH) this.#mayBeJoining = true
    try {
      const response = await consumerHeartbeat(
        this.#requests,
        {
          memberId: this.#memberId,
          memberEpoch,
          owned: mustTellOwned ? owned : undefined,
          extent: isFull ? 'full' : 'alive',
        },
        { lane: 'coordinator' },
      )
      if (memberEpoch === this.#memberEpoch && !this.#isLost) this.#answered(response)
    } catch (error) {
      this.#mustSayAll = true
      if (error instanceof ProtocolError) this.#mayBeJoining = false
      this.#react(error, memberEpoch)
      throw error
    }
  }

  #answered(response: ConsumerGroupHeartbeatResponse): void {
    const { cluster, holder, settings } = this.#parts
    if (this.#memberEpoch === JOIN_EPOCH) {
      const { groupId } = settings
      const fields = { groupId, memberId: this.#memberId, memberEpoch: response.memberEpoch }
      cluster.settings.log.info('joined the group', fields)
    }
    this.#failures = 0
    this.#mayBeJoining = false
    this.#heldByPredecessorSince = undefined
    this.#memberEpoch = response.memberEpoch
    this.#intervalMs = Math.max(1, response.heartbeatIntervalMs)
    if (response.assignment !== null) {
      this.#unnamed = undefined
      this.#target = response.assignment.topicPartitions
      this.#changed.fire()
    }
    holder.resume()
  }

  #reportFailure(error: unknown): void {
    const { cluster, settings } = this.#parts
    this.#failures += 1
    const level = this.#failures % FAILURES_PER_WARNING === 0 ? 'warn' : 'debug'
    const fields = { groupId: settings.groupId, failures: this.#failures, error }
    cluster.settings.log[level]('a heartbeat failed', fields)
  }

  #react(error: unknown, memberEpoch: number): void {
    if (memberEpoch !== this.#memberEpoch || this.#isLeaving) return
    if (this.#mayWaitForPredecessor(error)) return
    switch (reactionTo(error)) {
      case 'retry':
      case 'rejoin':
        return
      case 'find-coordinator':
        this.#parts.coordinator.forget()
        return
      case 'rejoin-lost':
      case 'rejoin-new':
        this.#lose()
        return
      case 'give-up':
        this.#end(error)
    }
  }

  /** The instance id is still taken by a member that may have died without saying good-bye; its session will end. */
  #mayWaitForPredecessor(error: unknown): boolean {
    if (!(error instanceof ProtocolError) || error.error !== 'UNRELEASED_INSTANCE_ID') return false
    const { cluster, settings } = this.#parts
    const now = cluster.settings.platform.clock.monotonic()
    this.#heldByPredecessorSince ??= now
    const isInTime =
      now - this.#heldByPredecessorSince < settings.sessionTimeoutMs + PREDECESSOR_GRACE_MS
    if (isInTime) {
      const { groupId, groupInstanceId } = settings
      const fields = { groupId, groupInstanceId }
      cluster.settings.log.warn('another consumer still holds the groupInstanceId', fields)
    }
    return isInTime
  }

  #rest(): void {
    const { cluster, settings } = this.#parts
    if (this.#isResting || this.#isLeaving || this.#memberEpoch <= JOIN_EPOCH) return
    const { groupId, maxPollIntervalMs } = settings
    const message = 'nobody asked for records for maxPollIntervalMs; the consumer leaves the group'
    cluster.settings.log.warn(message, { groupId, maxPollIntervalMs })
    this.#isResting = true
    this.#heartbeats.end()
    this.#sayGoodBye(cluster.settings.requestTimeoutMs).catch((error: unknown) =>
      cluster.settings.log.debug('could not leave the group', { groupId, error }),
    )
    this.#lose()
  }

  async #sayGoodBye(timeoutMs: number): Promise<void> {
    const { groupInstanceId } = this.#parts.settings
    const memberEpoch = groupInstanceId === null ? LEAVE_EPOCH : LEAVE_FOR_A_WHILE_EPOCH
    const leaving = { memberId: this.#memberId, memberEpoch, owned: undefined } as const
    try {
      await consumerHeartbeat(
        this.#requests,
        { ...leaving, extent: 'alive' },
        { lane: 'requests', timeoutMs },
      )
    } catch (error) {
      // Whom the group does not know need not leave it.
      if (reactionTo(error) !== 'rejoin-new' && !isGroupMissing(error)) throw error
    }
  }

  #lose(): void {
    const { cluster, holder, settings } = this.#parts
    const { groupId } = settings
    const fields = { groupId, memberEpoch: this.#memberEpoch, partitions: holder.owned.length }
    if (holder.owned.length > 0)
      cluster.settings.log.warn('the group gave the partitions to others', fields)
    this.#isLost = true
    this.#memberEpoch = JOIN_EPOCH
    this.#target = undefined
    this.#unnamed = undefined
    holder.suspend()
    this.#changed.fire()
  }

  #end(error: unknown): void {
    const { cluster, holder, settings } = this.#parts
    this.#isLeaving = true
    this.#heartbeats.end()
    this.#lose()
    const isFenced =
      error instanceof ProtocolError &&
      (error.error === 'FENCED_INSTANCE_ID' || error.error === 'UNRELEASED_INSTANCE_ID')
    const about = `another consumer has the groupInstanceId ${settings.groupInstanceId}`
    const reason = isFenced ? new FencedError(about, { cause: error }) : asError(error)
    const { groupId } = settings
    cluster.settings.log.error('the membership in the group ended', { groupId, error: reason })
    holder.failed(reason)
  }
}

function isGroupMissing(error: unknown): boolean {
  return error instanceof ProtocolError && error.error === 'GROUP_ID_NOT_FOUND'
}
