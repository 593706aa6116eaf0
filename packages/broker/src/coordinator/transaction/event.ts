/** What timers fire, and work and errands come to, for a shard of the transaction coordinator: decided like a request. */
export type TransactionEvent =
  /** The transaction that began at `startedMs` has taken longer than its producer said. */
  | ({ readonly type: 'timed-out'; readonly startedMs: number } & EndedTransaction)
  /** Every partition of the transaction has its marker, or is gone. */
  | ({ readonly type: 'markers-written' } & EndedTransaction)
  /** A transaction is completed: the first of those who wait for it is next. */
  | { readonly type: 'completion-awaited'; readonly transactionalId: string }
  /** It takes too long: the request with this ticket is to come again later. */
  | { readonly type: 'wait-expired'; readonly transactionalId: string; readonly ticket: number }
  /** Looks for ids that nobody has used for long: all of them, or those that are left of this round. */
  | { readonly type: 'ids-expire'; readonly left: readonly string[] | undefined }

/** One transaction of an id. */
export interface EndedTransaction {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
}
