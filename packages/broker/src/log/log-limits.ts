import type { CompactionLimits } from './compaction/compaction-limits.ts'

/** The limits of the whole broker that its logs share: static settings, the same for every partition. */
export interface LogLimits {
  /** Bytes of newest appends kept in memory, over all partitions. */
  readonly tailCacheBytes: number
  /** `log.retention.check.interval.ms`. */
  readonly retentionCheckIntervalMs: number
  /** `producer.id.expiration.ms`. */
  readonly producerIdExpirationMs: number
  /** `producer.id.expiration.check.interval.ms`. */
  readonly producerIdExpirationCheckIntervalMs: number
  /** The most producer ids that the logs of this broker remember together; beyond it a new one is refused. */
  readonly producerIdsMax: number
  /** `journal.inline.batch.max.bytes`: from this size a batch is not copied into the journal, its segment is synced with the group. */
  readonly journalInlineBytesMax: number
  /** `log.flush.offset.checkpoint.interval.ms`: how often recovery points and high watermarks are written down. */
  readonly checkpointIntervalMs: number
  /** After so many bytes of a segment that is written to its log gets a recovery mark: a start after a crash scans about as many, not all. */
  readonly recoveryMarkBytes: number
  readonly compaction: CompactionLimits
  /** Left out: logs are not read again. */
  readonly scrubbing?: ScrubLimits
}

/** How logs are read again, to find what has rotted. */
export interface ScrubLimits {
  /** `log.scrub.max.bytes.per.second`; 0: not at all. */
  readonly bytesPerSecondMax: number
  /** `log.scrub.interval.ms`: how long after one round the next begins. */
  readonly intervalMs: number
}
