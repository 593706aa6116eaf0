import type { Verification } from '../../log/verifications.ts'

/**
 * What a coordinator wants done. Deciding changes nothing: the runtime appends the changes, applies them at once so that the next
 * decision sees them, and answers when they are durable.
 */
export interface Decision<Change, Event, Errand = never> {
  /** In order. Those that have a record go into the log as one batch; the others are soft and end with the process. */
  readonly changes?: readonly Change[]
  /** The records are part of this producer's transaction: its marker decides what becomes of them. */
  readonly producer?: TransactionProducer
  /** Leave when everything that was applied up to this decision is durable. A request that nobody answers waits for a later decision. */
  readonly answers?: readonly Answer[]
  readonly timers?: readonly TimerChange<Event>[]
  /** Begun once the changes are applied. */
  readonly work?: readonly Work<Event>[]
  /**
   * Things to be done outside of the shard. They are given out when everything that was applied is durable, never before (T8); what comes of one
   * is decided like a request. Whoever loads the shard again has to give them out again.
   */
  readonly errands?: readonly Errand[]
}

/** Who writes within a transaction. */
export interface TransactionProducer {
  readonly producerId: number
  readonly producerEpoch: number
  /** T7: what the partition gave out before the coordinator of the transaction was asked. */
  readonly verification?: Verification | 'off' | undefined
}

declare const RESPONSE: unique symbol

/** Stands for one request until it is answered, in the decision for it or in a later one. */
export interface Ticket<Response> {
  readonly number: number
  /** Never there: it ties a ticket to the answers that fit. */
  readonly [RESPONSE]?: (response: Response) => void
}

/** The answer to one request; `answer` makes it, so that ticket and response fit. */
export interface Answer {
  readonly ticket: Ticket<never>
  readonly response: unknown
}

export function answer<Response>(ticket: Ticket<Response>, response: Response): Answer {
  return { ticket: ticket as Ticket<never>, response }
}

/** Timers are data: under one key there is one, and setting it again moves it. What it fires is decided like a request. */
export type TimerChange<Event> =
  | { readonly set: string; readonly atMs: number; readonly event: Event }
  | { readonly cancel: string }

/**
 * Something expensive and pure, run in slices between other work of the event loop; the first slice runs within the call that asked
 * for it. Its result is decided like a request, and has to look whether it is still wanted. Under one key there is one: later work replaces it.
 */
export interface Work<Event> {
  readonly key: string
  /** `later`: the first slice waits, too, until others have had their turn. At once without. */
  readonly begins?: 'at once' | 'later'
  readonly steps: Generator<void, Event, void>
}
