import type { ProtocolError } from '../errors.ts'

/** Every item of an answer carries its own outcome: `error` is undefined where it succeeded. */
export interface Outcome {
  readonly error: ProtocolError | undefined
}

export interface PartitionOutcome extends Outcome {
  readonly topic: string
  readonly partition: number
}

export interface DeletedRecords extends PartitionOutcome {
  /** The first offset that is left. */
  readonly lowWatermark: number
}

export type OffsetSpec =
  | 'earliest'
  | 'latest'
  | 'max-timestamp'
  | 'earliest-local'
  | 'latest-tiered'
  | { readonly timestamp: number }

export interface ListedOffset extends PartitionOutcome {
  /** -1: no record is that new. */
  readonly offset: number
  readonly timestamp: number
  readonly leaderEpoch: number
}

export interface EpochEnd extends PartitionOutcome {
  /** The largest epoch that is not above the one asked for; -1: there is none. */
  readonly leaderEpoch: number
  readonly endOffset: number
}
