import type { BatchRefusal } from './batch-door.ts'
import type { Verification } from './verifications.ts'

/** What a partition is told by its log; never from within a call to the log. */
export interface LogObserver {
  /** Everything below `offset` may be counted as committed by this replica; `addedBytes` more than before. */
  ackableUpTo(offset: number, addedBytes: number): void
  /** The appends at and beyond `offset` are no more. */
  appendsFailed(offset: number): void
}

export interface AppendOptions {
  /** The wall clock. */
  readonly now: number
  /**
   * `segment`: the batch may be larger than `max.message.bytes`, as long as a segment takes it. So what a coordinator decides enters the log
   * whole. The topic's limit without.
   */
  readonly limit?: 'segment'
  /** `coordinator`: the batch has no sequence, and of its producer only the epoch is checked. A client's without. */
  readonly origin?: 'coordinator'
  /**
   * T7: what the log gave out before the coordinator of the transaction was asked; `off` where nobody asks. Without, a transactional batch
   * enters only a transaction that is open here already.
   */
  readonly verification?: Verification | 'off' | undefined
}

export interface Appended {
  /** `duplicate`: the batch was in the log already, at these offsets. */
  readonly outcome: 'appended' | 'duplicate'
  readonly baseOffset: number
  readonly lastOffset: number
  /** -1 when the records keep the producer's time. */
  readonly logAppendTimeMs: number
}

export type AppendResult = Appended | BatchRefusal
