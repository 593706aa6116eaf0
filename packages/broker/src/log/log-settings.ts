/**
 * The settings of one topic as its logs need them: effective values, already parsed, longs beyond 2^53-1 saturated to
 * `Number.MAX_SAFE_INTEGER`. -1 means "no limit" where Kafka says so. Metadata computes it; a log takes a new value at any time.
 */
export interface LogSettings {
  /** `segment.bytes` (and `internal.segment.bytes` over it). */
  readonly segmentBytes: number
  readonly segmentMs: number
  readonly segmentJitterMs: number
  /** `segment.index.bytes`: the offset index and the time index each stay below it. */
  readonly segmentIndexBytes: number
  readonly indexIntervalBytes: number
  readonly maxMessageBytes: number
  /** `max.decompressed.message.bytes`: where opening a compressed batch stops. */
  readonly maxDecompressedBytes: number
  readonly timestampType: TimestampTypeName
  readonly timestampBeforeMaxMs: number
  readonly timestampAfterMaxMs: number
  readonly compressionType: CompressionTypeName
  readonly compressionGzipLevel: number
  readonly compressionLz4Level: number
  readonly compressionZstdLevel: number
  /** Empty: keep forever. */
  readonly cleanupPolicy: readonly CleanupPolicyName[]
  /** -1: no limit. */
  readonly retentionMs: number
  /** -1: no limit. */
  readonly retentionBytes: number
  readonly fileDeleteDelayMs: number
  /** `delete.retention.ms`: how long compaction leaves tombstones and transaction markers once they are clean. */
  readonly deleteRetentionMs: number
  readonly minCleanableDirtyRatio: number
  readonly minCompactionLagMs: number
  readonly maxCompactionLagMs: number
  readonly flushMode: FlushModeName
  /** Used in relaxed mode only, as `flushMs` is. */
  readonly flushMessages: number
  readonly flushMs: number
  readonly minInsyncReplicas: number
  /** `produce.batch.validation`: `strict` opens every record at the door. */
  readonly batchValidation: BatchValidationName
}

export type TimestampTypeName = 'CreateTime' | 'LogAppendTime'
export type CompressionTypeName = 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
export type CleanupPolicyName = 'delete' | 'compact'
export type FlushModeName = 'durable' | 'relaxed'
export type BatchValidationName = 'header' | 'strict'

/** The age at which a segment is rolled: a record that has to be compacted soon must not lie in the active one for long (KIP-354). */
export function rollAfterMs(settings: LogSettings): number {
  const { cleanupPolicy, segmentMs, maxCompactionLagMs } = settings
  return cleanupPolicy.includes('compact') ? Math.min(segmentMs, maxCompactionLagMs) : segmentMs
}
