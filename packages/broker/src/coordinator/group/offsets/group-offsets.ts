/**
 * The committed offsets of one group: by topic name, then by partition. An empty one stands for a group without members whose last offset was
 * deleted: it is there until it is tombstoned.
 */
export type GroupOffsets = Map<string, Map<number, CommittedOffset>>

/** A value: replaced, never changed. */
export interface CommittedOffset {
  /** The offset of the next record to read. */
  readonly offset: number
  /** Of the last record read; -1 when the client did not say. */
  readonly leaderEpoch: number
  readonly metadata: string
  /** The wall clock at the commit, in milliseconds since 1970. */
  readonly commitTimestampMs: number
  /** -1: when it expires follows from the settings. Set by commits of before version 5. */
  readonly expireTimestampMs: number
  /** Of the topic that was meant, whether or not the client named it by its id; `ZERO_UUID` in records of other brokers. */
  readonly topicId: string
}
