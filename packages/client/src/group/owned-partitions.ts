import { ChangeSignal } from '../change-signal.ts'
import type { Fetcher } from '../consumer/fetcher.ts'
import { ReadPartition } from '../consumer/read-partition.ts'
import type { TopicPartition } from '../consumer/topic-partition.ts'
import { asError } from '../errors.ts'
import type { ClientSettings } from '../settings.ts'
import { within } from '../within.ts'
import { partitionKey } from './assignors/claims.ts'
import type { Committer } from './committer.ts'
import type { PartitionHolder } from './membership.ts'
import type { OffsetLoader } from './offset-loader.ts'
import type { GroupSettings, RebalanceHook } from './options.ts'

/** What the reader of a consumer is doing, as far as a group wants to know. */
export interface ReaderActivity {
  /** It waits for records. */
  readonly isWaiting: boolean
  /** How often it asked for records. */
  readonly asks: number
}

export interface OwnedPartitionsParts {
  readonly client: ClientSettings
  readonly settings: GroupSettings
  readonly fetcher: Fetcher
  readonly committer: Committer
  readonly offsets: OffsetLoader
  readonly activity: ReaderActivity
  /** Whether reading stops at the end that partitions had when they were assigned. */
  readonly stopAtEnd: boolean
  readonly onChange: () => void
  /** It may be that nothing may be handed out any more. */
  readonly onDoubt: () => void
  readonly onFailure: (error: Error) => void
}

/** The partitions that the group has given to this consumer, from the moment that they come until they are given up. */
export class OwnedPartitions implements PartitionHolder {
  readonly #parts: OwnedPartitionsParts
  readonly #handled = new ChangeSignal()
  readonly #closing = new ChangeSignal()
  /** Those whose `onRevoked` was called. */
  readonly #told = new WeakSet<ReadPartition>()
  #isClosed = false
  #wasAssigned = false
  #isSuspended = false
  #asks = 0
  #askedAt: number | undefined

  constructor(parts: OwnedPartitionsParts) {
    this.#parts = parts
  }

  get owned(): readonly ReadPartition[] {
    return this.#parts.fetcher.partitions
  }

  /** Whether an assignment has come, be it of nothing, and is not taken back. */
  get wasAssigned(): boolean {
    return this.#wasAssigned
  }

  get isSuspended(): boolean {
    return this.#isSuspended
  }

  /** Something that was handed out is handled. */
  noteHandled(): void {
    this.#parts.committer.note()
    this.#handled.fire()
  }

  async assign(
    partitions: readonly (TopicPartition & { readonly topicId?: string })[],
  ): Promise<void> {
    const { fetcher, offsets, settings, stopAtEnd } = this.#parts
    this.#wasAssigned = true
    const added = partitions.map(at => {
      const partition = new ReadPartition(at, 'latest')
      partition.topicId = at.topicId
      partition.isHeld = true
      partition.awaitsOffset = true
      if (!stopAtEnd) partition.endOffset = Number.POSITIVE_INFINITY
      fetcher.add(partition)
      return partition
    })
    if (added.length > 0) {
      offsets.load(added)
      await this.#call('onAssigned', settings.onAssigned, added)
      for (const partition of added) if (!partition.ended.aborted) partition.isHeld = false
      fetcher.pump()
    }
    this.#parts.onChange()
  }

  async revoke(partitions: readonly TopicPartition[], handlingMs: number): Promise<void> {
    const keys = new Set(partitions.map(partitionKey))
    const going = this.owned.filter(partition => keys.has(partitionKey(partition)))
    if (going.length === 0) return
    await this.finish(going, handlingMs)
    // At the end, what a hung hook or handler holds up is given up a second time.
    const untold = going.filter(one => !one.ended.aborted && !this.#told.has(one))
    for (const partition of untold) this.#told.add(partition)
    if (!this.#isSuspended) await this.#call('onRevoked', this.#parts.settings.onRevoked, untold)
    if (!this.#isSuspended) this.#drop(going.filter(one => !one.ended.aborted))
  }

  /** Hands out nothing more of these, has what is in hand handled, for which there is this much time, and commits it. */
  async finish(partitions: readonly ReadPartition[], handlingMs: number): Promise<void> {
    const { client, committer, settings } = this.#parts
    const { clock } = client.platform
    const deadline = clock.monotonic() + handlingMs
    for (const partition of partitions) partition.isHeld = true
    await this.#untilHandled(partitions, deadline)
    if (settings.commit === 'manual' || this.#isSuspended) return
    const leftMs = Math.max(COMMIT_LEAST_MS, deadline - clock.monotonic())
    const owned = partitions.filter(({ ended }) => !ended.aborted)
    await committer.commitHandled(owned, leftMs).catch((error: unknown) => {
      const message = 'what was handled could not be committed before partitions were given up'
      client.log.warn(message, { groupId: settings.groupId, error })
    })
  }

  /** The consumer is closed: nobody waits for hooks any more. */
  close(): void {
    this.#isClosed = true
    this.#closing.fire()
  }

  suspend(): void {
    this.#isSuspended = true
    this.#parts.onDoubt()
    this.#handled.fire()
  }

  recheck(): void {
    this.#parts.onDoubt()
  }

  resume(): void {
    this.#parts.onChange()
  }

  async lose(): Promise<void> {
    const { settings } = this.#parts
    const lost = [...this.owned]
    this.#drop(lost)
    const name = settings.onLost === undefined ? 'onRevoked' : 'onLost'
    await this.#call(name, settings[name], lost)
    this.#isSuspended = false
    this.#parts.onChange()
  }

  idleMs(now: number): number {
    const { isWaiting, asks } = this.#parts.activity
    if (this.#askedAt === undefined || isWaiting || asks !== this.#asks) {
      this.#askedAt = now
      this.#asks = asks
    }
    return now - this.#askedAt
  }

  failed(error: Error): void {
    this.#parts.onFailure(error)
  }

  #drop(partitions: readonly ReadPartition[]): void {
    for (const partition of partitions) this.#parts.fetcher.remove(partition)
    this.#handled.fire()
    if (this.owned.length === 0) this.#wasAssigned = false
    this.#parts.onChange()
  }

  /** What the reader has in hand shall be handled and committed by us, not handed out again elsewhere. */
  async #untilHandled(partitions: readonly ReadPartition[], deadline: number): Promise<void> {
    const { client, settings } = this.#parts
    const { clock } = client.platform
    const isBusy = ({ inHand, ended }: ReadPartition) => inHand.isBusy && !ended.aborted
    while (partitions.some(isBusy) && !this.#isSuspended) {
      const leftMs = deadline - clock.monotonic()
      if (leftMs <= 0 || (await within(clock, leftMs, this.#handled.next())) === 'too-late') {
        const busy = partitions.filter(isBusy).map(({ name }) => name)
        const message = 'records in hand were not handled in time; they will be read again'
        client.log.warn(message, { groupId: settings.groupId, partitions: busy })
        return
      }
    }
  }

  /** A hook that fails ends the reading: what it was to do may be what keeps the records safe. */
  async #call(
    name: 'onAssigned' | 'onRevoked' | 'onLost',
    hook: RebalanceHook | undefined,
    partitions: readonly ReadPartition[],
  ): Promise<void> {
    if (hook === undefined || partitions.length === 0) return
    const { log } = this.#parts.client
    const { groupId } = this.#parts.settings
    try {
      const work = hook(partitions.map(({ topic, partition }) => ({ topic, partition })))
      await this.#reportWhile(name, Promise.resolve(work))
    } catch (error) {
      log.error('a hook failed, which ends the reading', { groupId, hook: name, error })
      this.#parts.onFailure(asError(error))
    }
  }

  /** A hook that never ends holds everything up, so it is named as long as it lasts. */
  async #reportWhile(hook: string, work: Promise<void>): Promise<void> {
    const { log, platform } = this.#parts.client
    const { groupId } = this.#parts.settings
    const { clock } = platform
    const since = clock.monotonic()
    while (!this.#isClosed) {
      const done = Promise.race([work, this.#closing.next()])
      if ((await within(clock, HOOK_REPORT_MS, done)) === 'done') break
      const forMs = Math.round(clock.monotonic() - since)
      log.warn('the consumer waits for a hook that is not done', { groupId, hook, forMs })
    }
    await work
  }
}

/** How often a hook that is not done is reported. */
const HOOK_REPORT_MS = 10_000

/** A commit gets at least this long, also when handlers used up the time. */
const COMMIT_LEAST_MS = 1000
