/** The committed offsets of one group: by topic name, then by partition. */
export type GroupOffsets = Map<string, Map<number, CommittedOffset>>

/** A value: replaced, never changed. */
export interface CommittedOffset {
  /** The offset of the next record to read. */
  readonly offset: number
  /** Of the last record read; -1 when the client did not say. */
  readonly leaderEpoch: number
  readonly metadata: string
  readonly commitTimestampMs: number
  /** -1: when it expires follows from the settings. Set by commits of before version 5. */
  readonly expireTimestampMs: number
  /** `ZERO_UUID` when the commit did not say (KIP-848, topic ids from version 10). */
  readonly topicId: string
}
