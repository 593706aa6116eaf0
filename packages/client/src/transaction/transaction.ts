import { ChangeSignal } from '../change-signal.ts'
import type { Consumer } from '../consumer/consumer.ts'
import type { ConsumerRecord } from '../consumer/record.ts'
import { asError, ClosedError, ConfigError, FencedError, OutcomeUnknownError } from '../errors.ts'
import type { GroupMetadata } from '../group/membership.ts'
import type { OffsetToCommit } from '../group/offset-requests.ts'
import type { Log } from '../log.ts'
import { badOption } from '../options.ts'
import {
  type ProducerRecord,
  SendBatchError,
  type SentRange,
  type SentRecord,
} from '../producer/record.ts'
import type { Sender } from '../producer/sender.ts'
import type { OpenTransaction } from './open-transaction.ts'
import type { Transactions } from './transactions.ts'

/** Offsets for `sendOffsets`: of a consumer's partitions, or of any group, as the member that is described. */
export type TransactionOffsets =
  | {
      readonly consumer: Pick<Consumer, 'claim'>
      /** The next record to read of each partition; or what lies up to and including a record. */
      readonly offsets: ConsumerRecord | readonly OffsetToCommit[]
    }
  | { readonly groupMetadata: GroupMetadata; readonly offsets: readonly OffsetToCommit[] }

/**
 * - `open`: takes records and offsets.
 * - `ending`: is being committed or aborted, or could not be yet.
 * - `in-doubt`: its commit was asked for, and the answer was lost.
 */
export type TransactionState = 'open' | 'ending' | 'in-doubt' | 'committed' | 'aborted'

export interface TransactionParts {
  readonly transactions: Transactions
  readonly sender: Sender
  readonly open: OpenTransaction
  readonly log: Log
}

/**
 * Records in any partitions, and offsets of consumer groups, that become visible together or not at all: to readers with
 * `isolationLevel: 'read_committed'`. Leaving its scope without a commit aborts it.
 *
 * What its methods throw says what is to be done. `TransactionFailedError`: abort it and begin another one. `FencedError`,
 * `ProducerFailedError`: the producer is at its end. `OutcomeUnknownError`: the answer to the commit was lost.
 *
 * @example
 * ```ts
 * await using transaction = await producer.transaction()
 * transaction.send({ topic: 'accounts', key: 'alice', value: '-10' })
 * transaction.send({ topic: 'accounts', key: 'bob', value: '+10' })
 * await transaction.commit()
 * ```
 */
export class Transaction {
  readonly #parts: TransactionParts
  readonly #settled = new ChangeSignal()
  #unsettled = 0
  #state: TransactionState = 'open'
  #committing: Promise<void> | undefined
  #isCommitting = false
  #aborting: Promise<void> | undefined
  #hasLeft = false

  /** Made by `producer.transaction()`. */
  constructor(parts: TransactionParts) {
    this.#parts = parts
  }

  get state(): TransactionState {
    return this.#state
  }

  /**
   * Sends one record, as `producer.send` does. It need not be awaited: `commit` waits for all records and fails if one of them
   * was not written.
   */
  send(record: ProducerRecord): Promise<SentRecord> {
    const refusal = this.#refusal()
    if (refusal !== undefined) return unwatched(Promise.reject(refusal))
    this.#unsettled += 1
    // Hundreds of thousands may be under way: what each keeps alive is one promise and one function.
    const sent: Promise<SentRecord> = new Promise(resolve => {
      const settle = (outcome: SentRecord | Promise<never>) => {
        if (outcome instanceof Promise) resolve(this.#refused(outcome, () => sent))
        else {
          resolve(outcome)
          this.#settledOne()
        }
      }
      this.#parts.sender.accumulator.add(record, settle, 0)
    })
    return sent
  }

  /** Sends many records with one promise, as `producer.sendBatch` does; it need not be awaited either. */
  sendBatch(records: readonly ProducerRecord[]): Promise<readonly SentRange[]> {
    return this.#take<readonly SentRange[]>((resolve, reject) =>
      this.#parts.sender.accumulator.addAll(records, resolve, reject),
    )
  }

  /**
   * Commits offsets as a part of the transaction: what was read and what was made of it count together. The consumer must not
   * commit by itself (`commit: 'manual'`), and has to be the member that read them: one whose partitions were given to another
   * is refused (KIP-447).
   */
  sendOffsets(what: TransactionOffsets): Promise<void> {
    return this.#take<void>((resolve, reject) => {
      const { groupMetadata, offsets } =
        'consumer' in what ? what.consumer.claim(what.offsets) : what
      for (const { offset } of offsets) {
        if (!Number.isSafeInteger(offset) || offset < 0)
          throw badOption({ name: 'offset', value: offset, expected: 'an offset of at least 0' })
      }
      if (offsets.length === 0) resolve()
      else this.#parts.open.commitOffsets(groupMetadata, offsets).then(resolve, reject)
    })
  }

  /**
   * Resolves when the transaction is committed: from then on it counts, whatever happens. Waits for all that was sent. When that
   * rejects with an `OutcomeUnknownError` because time ran out, it may be called again.
   */
  commit(): Promise<void> {
    const mayAskAgain = this.#state === 'in-doubt' && !this.#hasLeft
    if (this.#committing !== undefined && !mayAskAgain) return this.#committing
    if (this.#state !== 'open' && !mayAskAgain) return Promise.reject(this.#ended())
    this.#isCommitting = true
    this.#committing = this.#commit().finally(() => {
      this.#isCommitting = false
    })
    return this.#committing
  }

  /** Takes back all that was sent; what has not left yet is not sent at all. */
  abort(): Promise<void> {
    const isEnded = this.#state === 'committed' || this.#state === 'in-doubt'
    return isEnded || this.#isCommitting ? Promise.reject(this.#ended()) : this.#startAbort()
  }

  /** Aborts it unless it is committed. Does not throw: what could not be done is logged, and the next transaction sees to it. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#committing?.catch(() => undefined)
      if (this.#state === 'open' || this.#state === 'ending') await this.abort()
    } catch (error) {
      // That of one that is fenced is aborted; who begins another one learns it.
      if (error instanceof FencedError) return
      const { log, open } = this.#parts
      const { transactionalId } = open
      log.warn('a transaction could not be aborted', { transactionalId, error })
    } finally {
      this.#leave()
    }
  }

  #take<T>(
    start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
  ): Promise<T> {
    const refusal = this.#refusal()
    if (refusal !== undefined) return unwatched(Promise.reject(refusal))
    this.#unsettled += 1
    const taken = new Promise<T>((resolve, reject) => {
      const accept = (value: T) => {
        resolve(value)
        this.#settledOne()
      }
      const refuse = (error: unknown) => {
        reject(this.#failureFor(error))
        this.#settledOne()
      }
      try {
        start(accept, refuse)
      } catch (error) {
        refuse(error)
      }
    })
    return unwatched(taken)
  }

  /** Why nothing is taken; undefined while it is. */
  #refusal(): Error | undefined {
    return this.#state === 'open' ? this.#parts.open.failure : this.#ended()
  }

  #refused(outcome: Promise<never>, sent: () => Promise<unknown>): Promise<never> {
    return outcome.catch((error: unknown) => {
      void unwatched(sent())
      const failure = this.#failureFor(error)
      this.#settledOne()
      throw failure
    })
  }

  /** What went wrong ends the transaction; a record that cannot be is told as such. */
  #failureFor(error: unknown): Error {
    // Of a batch of records, what went wrong with the first says what is to be done.
    const failure = this.#parts.open.fail(
      asError(error instanceof SendBatchError ? error.cause : error),
    )
    return error instanceof ConfigError ? error : failure
  }

  #settledOne(): void {
    this.#unsettled -= 1
    this.#settled.fire()
  }

  async #commit(): Promise<void> {
    const { sender, open, transactions } = this.#parts
    this.#state = 'ending'
    await sender.flush()
    while (this.#unsettled > 0) await this.#settled.next()
    if (open.failure !== undefined) {
      // Only the coordinator knows whether a producer that was refused is fenced; if it is, that is what is thrown.
      if (open.isFencingSuspected) await this.#startAbort()
      throw open.failure
    }
    try {
      await transactions.commit(open)
    } catch (error) {
      if (error instanceof OutcomeUnknownError) this.#state = 'in-doubt'
      this.#leaveIfDead()
      throw error
    }
    this.#state = 'committed'
    this.#leave()
  }

  #startAbort(): Promise<void> {
    this.#aborting ??= this.#abort().finally(() => {
      if (this.#state !== 'aborted') this.#aborting = undefined
    })
    return this.#aborting
  }

  async #abort(): Promise<void> {
    const { sender, open, transactions } = this.#parts
    this.#state = 'ending'
    open.stop(new ClosedError(`the transaction of ${open.transactionalId} was aborted`))
    await sender.untilAnswered()
    await open.untilAdded()
    while (this.#unsettled > 0) await this.#settled.next()
    try {
      await transactions.abort(open)
      this.#state = 'aborted'
      this.#leave()
    } finally {
      this.#leaveIfDead()
    }
  }

  /** A producer that is at its end has nothing to end any more, and whoever waits for it is to learn that. */
  #leaveIfDead(): void {
    if (!this.#parts.transactions.isDead) return
    if (this.#state !== 'in-doubt') this.#state = 'aborted'
    this.#leave()
  }

  #leave(): void {
    if (this.#hasLeft) return
    this.#hasLeft = true
    this.#parts.transactions.leave()
  }

  #ended(): Error {
    const { transactionalId } = this.#parts.open
    const what = {
      open: 'being ended',
      ending: 'being ended',
      'in-doubt': 'in doubt: only commit() can ask again',
      committed: 'committed; begin another one',
      aborted: 'aborted; begin another one',
    }[this.#state]
    return new ClosedError(`the transaction of ${transactionalId} is ${what}`)
  }
}

/** A promise that nobody has to wait for: what it brings, `commit` tells too. */
function unwatched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
