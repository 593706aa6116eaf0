import type { Cluster } from '../cluster/cluster.ts'
import {
  asError,
  ClosedError,
  FencedError,
  OutcomeUnknownError,
  ProducerFailedError,
  ProtocolError,
  TimeoutError,
  TransactionFailedError,
} from '../errors.ts'
import type { ProducerIdentity } from '../producer/partition-queue.ts'
import type { Sender } from '../producer/sender.ts'
import { OpenTransaction } from './open-transaction.ts'
import { reactionTo } from './reaction.ts'
import { type EndOutcome, TransactionRequests } from './transaction-requests.ts'
import { type TransactionVersion, transactionVersionOf } from './transaction-version.ts'
import { Turns } from './turns.ts'

export interface TransactionsParts {
  readonly cluster: Cluster
  readonly sender: Sender
  readonly transactionalId: string
  readonly transactionTimeoutMs: number
}

/** A transaction that was left while its end was not known. */
interface Unfinished {
  readonly open: OpenTransaction
  readonly result: 'commit' | 'abort'
}

/** The transactions of one producer, one after another: who it is in each, and how they end. */
export class Transactions {
  readonly #parts: TransactionsParts
  readonly #requests: TransactionRequests
  readonly #turns: Turns
  #identity: ProducerIdentity | undefined
  #version: TransactionVersion | undefined
  /** Whether the next transaction needs another epoch, which the coordinator has to be asked for. */
  #needsEpoch = false
  #unfinished: Unfinished | undefined
  #death: FencedError | ProducerFailedError | undefined

  constructor(parts: TransactionsParts) {
    this.#parts = parts
    this.#requests = new TransactionRequests(parts)
    this.#turns = new Turns(parts.cluster.settings.platform.clock)
  }

  /** Whether the producer is fenced or failed: nothing can be begun or ended any more. */
  get isDead(): boolean {
    return this.#death !== undefined
  }

  /** Gets the producer its id and epoch, unless it has one. */
  async initialize(signal?: AbortSignal): Promise<void> {
    await this.#turn(signal)
    try {
      await this.#prepare(signal)
    } finally {
      this.#turns.end()
    }
  }

  /** Opens a transaction when the ones before it have ended. `leave` has to follow. */
  async open(signal?: AbortSignal): Promise<OpenTransaction> {
    await this.#turn(signal)
    try {
      const identity = await this.#prepare(signal)
      const { cluster, sender, transactionalId } = this.#parts
      const open = new OpenTransaction({
        transactionalId,
        identity,
        version: this.#version ?? 1,
        requests: this.#requests,
        openedAt: cluster.settings.platform.clock.monotonic(),
        onAdded: () => sender.wake(),
        onFailure: failure => {
          if (failure instanceof ProducerFailedError) this.#death ??= failure
          sender.abandon(failure)
        },
      })
      sender.join(open)
      return open
    } catch (error) {
      this.#turns.end()
      throw error
    }
  }

  /** The scope of a transaction is left: the next one may begin, and first has to find out what is not known of this one. */
  leave(): void {
    this.#parts.sender.join(undefined)
    this.#turns.end()
  }

  /** Nothing is begun any more. */
  close(reason: ClosedError): void {
    this.#turns.close(reason)
  }

  /** Commits. Throws `TransactionFailedError` when it is certain that it is not committed, and `OutcomeUnknownError` when nothing is. */
  async commit(open: OpenTransaction): Promise<void> {
    if (!open.hasBegun) return
    const outcome = await this.#requests.end(open, 'commit')
    this.#unfinished = undefined
    if (outcome.type === 'ended') {
      this.#ended(open, outcome.identity)
      return
    }
    const { error } = outcome
    open.isInDoubt ||= outcome.isInDoubt
    if (error instanceof ProtocolError && NOT_COMMITTED.has(error.code)) {
      open.isInDoubt = false
      throw open.fail(error)
    }
    const death = this.#deathOf(open, error)
    if (open.isInDoubt) {
      if (error instanceof TimeoutError) this.#unfinished = { open, result: 'commit' }
      else this.#needsEpoch = true
      throw outcomeUnknown(open, death ?? error)
    }
    throw death ?? open.fail(error)
  }

  /** Aborts. The broker forgets what was sent; where that cannot be said to it, the next transaction says it. */
  async abort(open: OpenTransaction): Promise<void> {
    if (!open.hasBegun && !open.isFencingSuspected) return
    const outcome = await this.#requests.end(open, 'abort')
    this.#unfinished = undefined
    if (outcome.type === 'ended') this.#ended(open, outcome.identity)
    else this.#notAborted(open, outcome)
  }

  #notAborted(open: OpenTransaction, { error }: Extract<EndOutcome, { type: 'refused' }>): void {
    if (error instanceof ProtocolError && NOTHING_TO_ABORT.has(error.code)) {
      this.#needsEpoch = true
      return
    }
    if (error instanceof TimeoutError) this.#unfinished = { open, result: 'abort' }
    throw this.#deathOf(open, error) ?? error
  }

  #ended(open: OpenTransaction, next: ProducerIdentity | undefined): void {
    if (next !== undefined) this.#identity = next
    else this.#needsEpoch ||= open.hasGap
  }

  /** Does what has to be done before a transaction can begin; gives whom it comes from. */
  async #prepare(signal: AbortSignal | undefined): Promise<ProducerIdentity> {
    if (this.#death !== undefined) throw this.#death
    if (this.#unfinished !== undefined) await this.#finish(this.#unfinished)
    const version = transactionVersionOf(await this.#requests.connection({ signal }))
    // What is late of a transaction v1 must not be taken for a part of the first one of v2.
    if (this.#version === 1 && version === 2) this.#needsEpoch = true
    const identity =
      this.#identity === undefined || this.#needsEpoch
        ? await this.#initProducer(signal)
        : this.#identity
    this.#identity = identity
    this.#version = version
    this.#needsEpoch = false
    return identity
  }

  async #initProducer(signal: AbortSignal | undefined): Promise<ProducerIdentity> {
    try {
      return await this.#requests.initProducer(this.#identity, { signal })
    } catch (error) {
      throw this.#deathOf(undefined, asError(error)) ?? error
    }
  }

  /** Asks again for the end of a transaction whose scope was left before it was known. */
  async #finish({ open, result }: Unfinished): Promise<void> {
    const { log } = this.#parts.cluster.settings
    const { transactionalId } = open
    if (result === 'abort') {
      await this.abort(open)
      return
    }
    try {
      await this.commit(open)
      log.info('a transaction in doubt is committed', { transactionalId })
    } catch (error) {
      if (error instanceof OutcomeUnknownError) throw asError(error.cause)
      if (!(error instanceof TransactionFailedError)) throw error
      log.warn('a transaction in doubt is not committed', { transactionalId, error })
      await this.abort(open)
    }
  }

  /** The error with which the producer ends, if this is one. */
  #deathOf(
    open: OpenTransaction | undefined,
    error: Error,
  ): FencedError | ProducerFailedError | undefined {
    if (!(error instanceof ProtocolError)) return undefined
    const isFenced = reactionTo(error) === 'fenced'
    this.#death = isFenced
      ? new FencedError(this.#whyFenced(open), { cause: error })
      : new ProducerFailedError(this.#whyFailed(error), { cause: error })
    return this.#death
  }

  #whyFenced(open: OpenTransaction | undefined): string {
    const { cluster, transactionalId, transactionTimeoutMs } = this.#parts
    const who = `the producer with transactionalId ${transactionalId} is fenced`
    const what = 'it can do nothing more, and what it had not committed is aborted'
    const openMs =
      open === undefined
        ? 0
        : Math.round(cluster.settings.platform.clock.monotonic() - open.openedAt)
    const why =
      openMs < transactionTimeoutMs
        ? 'another producer with this id has started'
        : `its transaction was open for ${openMs} ms, longer than transactionTimeoutMs (${transactionTimeoutMs}), ` +
          'or another producer with this id has started'
    return `${who}: ${why}; ${what}`
  }

  #whyFailed(error: ProtocolError): string {
    const { transactionalId, transactionTimeoutMs } = this.#parts
    const who = `the producer with transactionalId ${transactionalId} can do nothing more`
    return error.code === 'INVALID_TRANSACTION_TIMEOUT'
      ? `${who}: transactionTimeoutMs is ${transactionTimeoutMs}; expected at most the broker's transaction.max.timeout.ms`
      : `${who}: ${error.message}`
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    const { transactionalId, cluster } = this.#parts
    const { apiTimeoutMs } = cluster.settings
    const about =
      `the transaction of ${transactionalId} that was begun before was not ended within ${apiTimeoutMs} ms; ` +
      'a producer has one at a time, so commit or abort it, or make another producer'
    return this.#turns.take(about, apiTimeoutMs, signal)
  }
}

/** With these answers to a commit it is certain that there is none. */
const NOT_COMMITTED: ReadonlySet<string> = new Set(['INVALID_TXN_STATE', 'TRANSACTION_ABORTABLE'])

/** With these answers to an abort it is certain that nothing is open; whose epoch it is, the next one has to find out. */
const NOTHING_TO_ABORT: ReadonlySet<string> = new Set([
  'INVALID_TXN_STATE',
  'INVALID_PRODUCER_ID_MAPPING',
  'UNKNOWN_PRODUCER_ID',
])

function outcomeUnknown({ transactionalId }: OpenTransaction, cause: Error): OutcomeUnknownError {
  const about = `whether the transaction of ${transactionalId} was committed cannot be said, for the answer was lost`
  const what = cause instanceof TimeoutError ? '; commit() may be called again, and asks again' : ''
  return new OutcomeUnknownError(`${about}${what}: ${cause.message}`, { cause })
}
