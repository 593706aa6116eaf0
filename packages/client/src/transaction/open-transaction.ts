import { Produce } from '@varve/protocol'
import type { TopicPartition } from '../consumer/topic-partition.ts'
import { ProducerFailedError, ProtocolError, TransactionFailedError } from '../errors.ts'
import type { GroupMetadata } from '../group/membership.ts'
import type { OffsetToCommit } from '../group/offset-requests.ts'
import type { ProducerIdentity } from '../producer/partition-queue.ts'
import type { SendingTransaction } from '../producer/sending-transaction.ts'
import { AddedPartitions } from './added-partitions.ts'
import { reactionTo } from './reaction.ts'
import type { TransactionRequests } from './transaction-requests.ts'
import { NEWEST_PRODUCE_OF_V1, type TransactionVersion } from './transaction-version.ts'

export interface OpenTransactionParts {
  readonly transactionalId: string
  readonly identity: ProducerIdentity
  readonly version: TransactionVersion
  readonly requests: TransactionRequests
  /** On the monotonic clock. */
  readonly openedAt: number
  /** Partitions were added: their batches may be sent. */
  readonly onAdded: () => void
  /** It cannot be committed any more; called once. */
  readonly onFailure: (failure: Error) => void
}

/** A transaction that is not ended: what was sent in it, and whether it can still be committed. */
export class OpenTransaction implements SendingTransaction {
  readonly transactionalId: string
  readonly identity: ProducerIdentity
  readonly version: TransactionVersion
  readonly newestProduceVersion: number
  readonly openedAt: number
  readonly #parts: OpenTransactionParts
  readonly #added: AddedPartitions | undefined
  /** Groups whose offsets are in it (v1). */
  readonly #groups = new Map<string, Promise<void>>()
  readonly #stopped = new AbortController()
  #failure: Error | undefined
  #hasBegun = false
  #hasGap = false
  #isFencingSuspected = false
  /** Whether its commit was asked for and the answer was lost. */
  isInDoubt = false

  constructor(parts: OpenTransactionParts) {
    const { transactionalId, identity, version, requests, openedAt, onAdded } = parts
    this.#parts = parts
    this.transactionalId = transactionalId
    this.identity = identity
    this.version = version
    this.openedAt = openedAt
    this.newestProduceVersion = version === 1 ? NEWEST_PRODUCE_OF_V1 : Produce.versions[1]
    if (version === 1) {
      this.#added = new AddedPartitions({
        add: partitions => requests.addPartitions(identity, partitions, this.#asking()),
        onAdded,
        onFailure: error => this.#lost(error),
      })
    }
  }

  get failure(): Error | undefined {
    return this.#failure
  }

  /** Whether the coordinator may know of it, so that it has to be ended there. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** Whether a broker may hold, or still get, what we gave up: the next transaction needs an epoch of its own (KIP-360). */
  get hasGap(): boolean {
    return this.#hasGap
  }

  /** Whether a broker refused this producer's epoch: only the coordinator knows whether it is fenced or was only too late. */
  get isFencingSuspected(): boolean {
    return this.#isFencingSuspected
  }

  admits(at: TopicPartition): boolean {
    if (this.#failure !== undefined) return false
    return this.#added === undefined || this.#added.has(at)
  }

  onSent(): void {
    this.#hasBegun = true
  }

  onFailure(error: Error, { wasSent }: { readonly wasSent: boolean }): void {
    this.#hasGap ||= wasSent
    this.fail(error)
  }

  /** Notes that it cannot be committed; gives the error that says so, which is that of the first time. */
  fail(error: Error): Error {
    if (this.#failure !== undefined) return this.#failure
    const reaction = reactionTo(error)
    this.#isFencingSuspected ||= reaction === 'fenced'
    const about = `the transaction of ${this.transactionalId} cannot be committed: ${error.message}`
    const failure =
      reaction === 'fatal' && error instanceof ProtocolError
        ? new ProducerFailedError(about, { cause: error })
        : new TransactionFailedError(about, { cause: error })
    this.stop(failure)
    return failure
  }

  /** Nothing more is sent: it has failed, or is to be aborted. */
  stop(reason: Error): void {
    if (this.#failure !== undefined) return
    this.#failure = reason
    this.#stopped.abort(reason)
    this.#parts.onFailure(reason)
  }

  /** Commits offsets of a group in it. */
  async commitOffsets(group: GroupMetadata, offsets: readonly OffsetToCommit[]): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const { requests } = this.#parts
    try {
      if (this.version === 1) await this.#addGroup(group.groupId)
      await requests.commitOffsets(this, group, offsets, this.#asking())
    } catch (error) {
      this.#lost(error)
      throw this.#failure ?? error
    }
  }

  /** Resolves when no partition is being added any more. */
  untilAdded(): Promise<void> {
    return this.#added?.settled() ?? Promise.resolve()
  }

  #addGroup(groupId: string): Promise<void> {
    const known = this.#groups.get(groupId)
    if (known !== undefined) return known
    const adding = this.#parts.requests.addOffsets(this.identity, groupId, this.#asking())
    this.#groups.set(groupId, adding)
    return adding
  }

  #asking() {
    const onSending = () => {
      this.#hasBegun = true
    }
    return { signal: this.#stopped.signal, onSending }
  }

  /** A request of the transaction failed. What was asked when it was stopped may arrive all the same. */
  #lost(error: unknown): void {
    const isStray = this.#failure !== undefined && error === this.#failure
    if (isStray || reactionTo(error) === 'find-coordinator') this.#hasGap = true
    this.fail(error instanceof Error ? error : new Error(String(error)))
  }
}
