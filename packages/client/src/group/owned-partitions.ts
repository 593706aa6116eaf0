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

  async assign(partitions: readonly TopicPartition[]): Promise<void> {
    const { fetcher, offsets, settings, stopAtEnd } = this.#parts
    this.#wasAssigned = true
    const added = partitions.map(at => {
      const partition = new ReadPartition(at, 'latest')
      partition.isHeld = true
      partition.awaitsOffset = true
      if (!stopAtEnd) partition.endOffset = Number.POSITIVE_INFINITY
      fetcher.add(partition)
      return partition
    })
    if (added.length > 0) {
      offsets.load(added)
      await this.#call(settings.onAssigned, added)
      for (const partition of added) if (!partition.ended.aborted) partition.isHeld = false
      fetcher.pump()
    }
    this.#parts.onChange()
  }

  async revoke(partitions: readonly TopicPartition[], handlingMs: number): Promise<void> {
    const { client, committer, settings } = this.#parts
    const keys = new Set(partitions.map(partitionKey))
    const going = this.owned.filter(partition => keys.has(partitionKey(partition)))
    if (going.length === 0) return
    const { clock } = client.platform
    const deadline = clock.monotonic() + handlingMs
    for (const partition of going) partition.isHeld = true
    await this.#untilHandled(going, deadline)
    if (settings.commit !== 'manual' && !this.#isSuspended) {
      const leftMs = Math.max(COMMIT_LEAST_MS, deadline - clock.monotonic())
      await committer.commitHandled(going, leftMs).catch((error: unknown) => {
        const message = 'what was handled could not be committed before partitions were given up'
        client.log.warn(message, { groupId: settings.groupId, error })
      })
    }
    if (!this.#isSuspended) await this.#call(settings.onRevoked, going)
    if (!this.#isSuspended) this.#drop(going)
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
    if (lost.length > 0) await this.#call(settings.onLost ?? settings.onRevoked, lost)
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
    if (this.owned.length === 0) this.#wasAssigned = false
    this.#parts.onChange()
  }

  /** What the reader has in hand shall be handled and committed by us, not handed out again elsewhere. */
  async #untilHandled(partitions: readonly ReadPartition[], deadline: number): Promise<void> {
    const { client, settings } = this.#parts
    const { clock } = client.platform
    while (partitions.some(({ inHand }) => inHand.isBusy) && !this.#isSuspended) {
      const leftMs = deadline - clock.monotonic()
      if (leftMs <= 0 || (await within(clock, leftMs, this.#handled.next())) === 'too-late') {
        const busy = partitions.filter(({ inHand }) => inHand.isBusy).map(({ name }) => name)
        const message = 'records in hand were not handled in time; they will be read again'
        client.log.warn(message, { groupId: settings.groupId, partitions: busy })
        return
      }
    }
  }

  /** A hook that fails ends the reading: what it was to do may be what keeps the records safe. */
  async #call(
    hook: RebalanceHook | undefined,
    partitions: readonly ReadPartition[],
  ): Promise<void> {
    try {
      await hook?.(partitions.map(({ topic, partition }) => ({ topic, partition })))
    } catch (error) {
      this.#parts.onFailure(asError(error))
    }
  }
}

/** A commit gets at least this long, also when handlers used up the time. */
const COMMIT_LEAST_MS = 1000
