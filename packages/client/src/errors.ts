import { type ErrorName, errorName, errors } from '@varve/protocol'

/**
 * A broker answered with an error. `code` is the error's Kafka name, so `error.code === 'TOPIC_ALREADY_EXISTS'` works;
 * `retriable` says whether the same request may succeed later.
 *
 * @example
 * ```ts
 * const [created] = await admin.createTopics([{ name: 'orders' }])
 * if (created?.error && created.error.code !== 'TOPIC_ALREADY_EXISTS') throw created.error
 * ```
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ErrorName
  readonly error: ErrorName
  /** The number that the wire carries. */
  readonly errorCode: number
  readonly retriable: boolean

  /** `about` says what was asked; `detail` is the broker's own explanation, if it gave one. */
  constructor(error: ErrorName, about: string, detail?: string | null) {
    super(`${about}: ${error} (${detail || errors[error].about || 'the broker says no more'})`)
    this.code = error
    this.error = error
    this.errorCode = errors[error].code
    this.retriable = errors[error].retriable
  }
}

/** A broker could not be reached, or its connection ended before it had answered. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  readonly code = 'CONNECTION_FAILED'
  readonly retriable = true
}

/** Something did not happen within the time that an option gives it. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
  readonly code = 'TIMED_OUT'
  readonly retriable = true
}

/** Another instance took over this one's identity: this one must not go on. */
export class FencedError extends Error {
  override readonly name = 'FencedError'
  readonly code = 'FENCED'
  readonly retriable = false
}

/**
 * This transaction cannot be committed; its producer lives. Abort it (leaving its scope does) and begin another. `cause` says
 * what went wrong first: a record that could not be written, offsets that were refused, a transaction that took too long.
 */
export class TransactionFailedError extends Error {
  override readonly name = 'TransactionFailedError'
  readonly code = 'TRANSACTION_FAILED'
  readonly retriable = false
}

/** A producer with a transactional id can do nothing more, for instance because it may not use that id. `cause` says why. */
export class ProducerFailedError extends Error {
  override readonly name = 'ProducerFailedError'
  readonly code = 'PRODUCER_FAILED'
  readonly retriable = false
}

/**
 * Whether a transaction was committed cannot be said: the answer to its commit was lost. While `cause` is a `TimeoutError`,
 * `commit()` may be called again and asks again; with any other cause nobody can be asked any more.
 */
export class OutcomeUnknownError extends Error {
  override readonly name = 'OutcomeUnknownError'
  readonly code = 'OUTCOME_UNKNOWN'
  readonly retriable = false
}

/** An option or argument that cannot work; the message names it, its value, and what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'INVALID_CONFIG'
  readonly retriable = false
}

/** The producer, consumer or admin was used after `close()`, or closed while something was under way; or a transaction after its end. */
export class ClosedError extends Error {
  override readonly name = 'ClosedError'
  readonly code = 'CLOSED'
  readonly retriable = false
}

/** The error that a code on the wire stands for, or undefined for 0. */
export function protocolError(
  errorCode: number,
  what: { readonly about: string; readonly detail?: string | null },
): ProtocolError | undefined {
  if (errorCode === 0) return undefined
  return new ProtocolError(errorName(errorCode), what.about, what.detail)
}

/** Whether trying again may help. Anything that is not ours is not retried. */
export function isRetriable(error: unknown): boolean {
  return (
    (error instanceof ProtocolError ||
      error instanceof ConnectionError ||
      error instanceof TimeoutError) &&
    error.retriable
  )
}

/** `error` as an `Error`, whatever was thrown. */
export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
