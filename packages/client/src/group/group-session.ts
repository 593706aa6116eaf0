import type { Cluster } from '../cluster/cluster.ts'
import { Coordinator } from '../cluster/coordinator.ts'
import type { Fetcher } from '../consumer/fetcher.ts'
import type { ConsumerSettings } from '../consumer/options.ts'
import type { TopicPartition } from '../consumer/topic-partition.ts'
import { asError, FencedError } from '../errors.ts'
import { badOption } from '../options.ts'
import { within } from '../within.ts'
import { ClassicMembership } from './classic-membership.ts'
import { type CommitItem, Committer } from './committer.ts'
import { ConsumerMembership } from './consumer-membership.ts'
import { type GroupMetadata, HANDLING_SHARE, type Membership, NOBODY } from './membership.ts'
import { OffsetLoader } from './offset-loader.ts'
import { type CommittedOffset, fetchCommitted } from './offset-requests.ts'
import type { GroupSettings } from './options.ts'
import { OwnedPartitions, type ReaderActivity } from './owned-partitions.ts'
import { isUnknownTopic, reactionTo } from './reaction.ts'

export interface GroupSessionParts {
  readonly cluster: Cluster
  readonly fetcher: Fetcher
  readonly settings: ConsumerSettings
  readonly group: GroupSettings
  readonly activity: ReaderActivity
  readonly onChange: () => void
  /** Has the reader ask `mayHandOut` before the next record. */
  readonly onDoubt: () => void
}

/** What a consumer has to do with its group: the membership, the partitions that come of it, and the offsets. */
export class GroupSession {
  readonly #parts: GroupSessionParts
  readonly #coordinator: Coordinator
  readonly #committer: Committer
  readonly #offsets: OffsetLoader
  readonly #membership: Membership | undefined
  readonly partitions: OwnedPartitions
  #failure: Error | undefined
  #isStalled = false
  #mustCommitPositions = false

  constructor(parts: GroupSessionParts) {
    const { cluster, fetcher, group, settings, activity, onChange, onDoubt } = parts
    this.#parts = parts
    this.#coordinator = new Coordinator(cluster, { type: 'group', key: group.groupId })
    const requests = { cluster, coordinator: this.#coordinator, groupId: group.groupId }
    const onFailure = (error: Error) => this.#fail(error)
    this.#committer = new Committer({
      ...requests,
      policy: group.commit,
      identity: () => (this.#membership === undefined ? NOBODY : this.#membership.identity),
      partitions: () => fetcher.partitions,
      onRefused: (error, identity) => {
        this.#membership?.refused(error, identity)
        return this.#membership !== undefined
      },
      onFailure,
    })
    this.#offsets = new OffsetLoader({
      ...requests,
      startAt: settings.startAt ?? settings.autoOffsetReset,
      identity: () => (group.groupProtocol === 'consumer' ? this.#membership?.identity : undefined),
      onLoaded: () => {
        this.#mustCommitPositions = true
        fetcher.pump()
        onChange()
      },
      onFailure,
    })
    this.partitions = new OwnedPartitions({
      client: cluster.settings,
      settings: group,
      fetcher,
      committer: this.#committer,
      offsets: this.#offsets,
      activity,
      stopAtEnd: settings.stopAtEnd,
      onChange,
      onDoubt,
      onFailure,
    })
    this.#membership = this.#newMembership()
  }

  /** What ended the reading. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /** Whether the consumer is one of several that share the partitions. */
  get isMember(): boolean {
    return this.#membership !== undefined
  }

  start(): void {
    this.#membership?.start()
  }

  /** The reader is back, or still there. */
  awake(): void {
    this.#membership?.awake()
  }

  /** Looks up where the group stands in partitions that were not given by it. */
  load(partitions: Parameters<OffsetLoader['load']>[0]): void {
    this.#offsets.load(partitions)
  }

  /** Whether records may be handed out: not when others may own the partitions. */
  mayHandOut(): boolean {
    if (this.#failure !== undefined || this.partitions.isSuspended) return false
    const { log, platform } = this.#parts.cluster.settings
    const isOver = this.#membership?.isSessionOver(platform.clock.monotonic()) ?? false
    if (isOver === this.#isStalled) return !isOver
    this.#isStalled = isOver
    const { groupId } = this.#parts.group
    if (isOver)
      log.warn('no heartbeat got through for sessionTimeoutMs; reading stops', { groupId })
    else log.info('the group was reached again; reading goes on', { groupId })
    return !isOver
  }

  /**
   * Commits where reading begins too, once that is known: who comes after a crash must not begin at a later `latest`, and pass
   * over what was written meanwhile.
   */
  notePositions(): void {
    if (!this.#mustCommitPositions) return
    this.#mustCommitPositions = this.#parts.fetcher.partitions.some(
      ({ handledOffset }) => handledOffset < 0,
    )
    this.#committer.note()
  }

  commit(items: readonly CommitItem[], timeoutMs: number): Promise<void> {
    return this.#committer.commit(items, timeoutMs)
  }

  /** Throws when the consumer commits by itself: offsets would then count whatever becomes of the transaction. */
  refuseOwnCommits(): void {
    if (this.#parts.group.commit === 'manual') return
    throw badOption({
      name: 'commit',
      value: this.#parts.group.commit,
      expected: "'manual', where a transaction commits the consumer's offsets",
    })
  }

  /** Who commits. Throws `FencedError` when nobody may, because the membership has ended or has not begun. */
  metadata(): GroupMetadata {
    const { groupId } = this.#parts.group
    const identity = this.#membership === undefined ? NOBODY : this.#membership.identity
    if (identity !== undefined) return { groupId, ...identity }
    throw new FencedError(`the consumer is not a member of group ${groupId} just now`)
  }

  /** Asked as by anybody: the answer does not depend on who asks, and an epoch might have become stale. */
  async committed(partitions: readonly TopicPartition[]): Promise<CommittedOffset[]> {
    const { cluster, group } = this.#parts
    const requests = { cluster, coordinator: this.#coordinator, groupId: group.groupId }
    try {
      const found = await fetchCommitted(requests, undefined, partitions)
      const passing = found.find(({ error }) => error?.retriable && !isUnknownTopic(error))
      if (passing?.error !== undefined) throw passing.error
      return found
    } catch (error) {
      if (reactionTo(error) === 'find-coordinator') this.#coordinator.forget()
      throw error
    }
  }

  /** Commits what was handled, gives the partitions up and leaves, in at most this time. */
  async stop(timeoutMs: number): Promise<void> {
    const { cluster, group } = this.#parts
    const { log, platform } = cluster.settings
    const { groupId } = group
    const leaving =
      this.#membership?.leave('the consumer was closed', timeoutMs) ??
      this.#commitAssigned(timeoutMs)
    try {
      if ((await within(platform.clock, timeoutMs, leaving)) === 'too-late')
        log.warn('the consumer could not leave its group in time', { groupId, timeoutMs })
    } catch (error) {
      log.warn('the consumer could not leave its group in order', { groupId, error })
    } finally {
      this.partitions.close()
      this.#committer.close()
      this.#offsets.close()
    }
  }

  #commitAssigned(timeoutMs: number): Promise<void> {
    return this.partitions.finish(this.partitions.owned, timeoutMs * HANDLING_SHARE)
  }

  #newMembership(): Membership | undefined {
    const { cluster, settings, group } = this.#parts
    if (settings.assignments.length > 0) return undefined
    const parts = {
      cluster,
      coordinator: this.#coordinator,
      settings: group,
      holder: this.partitions,
      topics: settings.topics,
      rackId: settings.rackId,
    }
    return group.groupProtocol === 'classic'
      ? new ClassicMembership(parts)
      : new ConsumerMembership(parts)
  }

  #fail(error: unknown): void {
    this.#failure ??= asError(error)
    this.#parts.onDoubt()
    this.#parts.onChange()
  }
}
