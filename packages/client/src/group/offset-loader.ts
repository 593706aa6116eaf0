import { backoffMs, sleep } from '../backoff.ts'
import type { StartPosition } from '../consumer/options.ts'
import type { ReadPartition } from '../consumer/read-partition.ts'
import { asError, ConfigError, isRetriable, ProtocolError } from '../errors.ts'
import type { MemberIdentity } from './membership.ts'
import { type CommittedOffset, fetchCommitted, type OffsetRequestParts } from './offset-requests.ts'
import { isUnknownTopic, reactionTo } from './reaction.ts'

const FAILURES_PER_WARNING = 10

export interface OffsetLoaderParts extends OffsetRequestParts {
  /** Where to begin in a partition of which nothing is committed; `none`: the reader is told instead. */
  readonly startAt: StartPosition | 'none'
  /** The member, for a group whose broker checks it (KIP-848). */
  readonly identity: () => MemberIdentity | undefined
  readonly onLoaded: () => void
  readonly onFailure: (error: Error) => void
}

/** Finds out where the group stands in partitions that this consumer was just given. */
export class OffsetLoader {
  readonly #parts: OffsetLoaderParts
  readonly #waiting = new Set<ReadPartition>()
  readonly #closing = new AbortController()
  #isRunning = false

  constructor(parts: OffsetLoaderParts) {
    this.#parts = parts
  }

  /** Looks up the offsets of these, and has them begin there unless they were moved meanwhile. */
  load(partitions: readonly ReadPartition[]): void {
    for (const partition of partitions) this.#waiting.add(partition)
    if (this.#isRunning) return
    this.#isRunning = true
    this.#run()
      .catch((error: unknown) => {
        if (!this.#closing.signal.aborted) this.#parts.onFailure(asError(error))
      })
      .finally(() => {
        this.#isRunning = false
      })
  }

  close(): void {
    this.#closing.abort(new Error('the consumer was closed'))
  }

  async #run(): Promise<void> {
    for (let failures = 0; ; ) {
      const partitions = [...this.#waiting].filter(
        ({ awaitsOffset, ended }) => awaitsOffset && !ended.aborted,
      )
      this.#waiting.clear()
      if (partitions.length === 0) return
      const error = await this.#load(partitions)
      if (error === undefined) {
        failures = 0
        continue
      }
      failures += 1
      await this.#pause(error, failures)
    }
  }

  /** Loads these; gives the error for which it has to be tried again. */
  async #load(partitions: readonly ReadPartition[]): Promise<Error | undefined> {
    let failure: Error | undefined
    try {
      const found = await fetchCommitted(this.#parts, this.#parts.identity(), partitions)
      for (const [index, partition] of partitions.entries()) {
        const committed = found[index] as CommittedOffset
        if (committed.error === undefined) {
          if (partition.awaitsOffset) this.#begin(partition, committed)
          continue
        }
        if (!mayRepeat(committed.error)) throw committed.error
        failure = committed.error
        this.#waiting.add(partition)
      }
      this.#parts.onLoaded()
    } catch (error) {
      if (this.#closing.signal.aborted || !mayRepeat(error)) throw error
      if (reactionTo(error) === 'find-coordinator') this.#parts.coordinator.forget()
      for (const partition of partitions) this.#waiting.add(partition)
      failure = asError(error)
    }
    return failure
  }

  #begin(partition: ReadPartition, committed: CommittedOffset): void {
    if (committed.offset >= 0) {
      partition.moveTo(committed.offset)
      partition.lastEpoch = committed.leaderEpoch
      partition.committedOffset = committed.offset
      return
    }
    const { startAt } = this.#parts
    if (startAt === 'none') {
      const about = `autoOffsetReset is none and nothing is committed of ${partition.name}`
      throw new ConfigError(about)
    }
    partition.moveTo(startAt)
  }

  #pause(error: Error, failures: number): Promise<void> {
    const { cluster, groupId } = this.#parts
    const { retryBackoff, platform, log } = cluster.settings
    if (isUnknownTopic(error)) cluster.refreshSoon()
    const level = failures % FAILURES_PER_WARNING === 0 ? 'warn' : 'debug'
    log[level]('could not look up committed offsets', { groupId, failures, error })
    return sleep(platform, backoffMs(retryBackoff, failures, platform.random), this.#closing.signal)
  }
}

/** The membership may change between our question and its answer; with the next epoch it is asked again. */
function mayRepeat(error: unknown): boolean {
  if (isRetriable(error)) return true
  if (!(error instanceof ProtocolError)) return false
  return error.error === 'STALE_MEMBER_EPOCH' || reactionTo(error).startsWith('rejoin')
}
