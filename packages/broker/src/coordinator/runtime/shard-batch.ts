import { BatchBuilder, type BuildOptions, type RecordInput } from '@varve/protocol'
import type { StoredRecord } from './shard-logic.ts'

export interface BatchLimits {
  readonly nowMs: number
  /** What one record may come to: the largest batch that the topic takes from clients. */
  readonly recordBytesMax: number
  /** What they may come to together: a batch lies in one segment. */
  readonly batchBytesMax: number
  readonly build: BuildOptions
}

/**
 * The records of one decision as one batch, however many they are: a crash leaves all of them or none. Undefined when a single record is too
 * large, or all together are.
 */
export function shardBatch(
  records: readonly StoredRecord[],
  limits: BatchLimits,
): Buffer | undefined {
  const builder = new BatchBuilder()
  const emptyBytes = builder.sizeBytes
  for (const { key, value } of records) {
    const record: RecordInput = { key, value, timestamp: limits.nowMs }
    const recordBytes = builder.sizeWith(record)
    if (emptyBytes + recordBytes > limits.recordBytesMax) return undefined
    if (builder.sizeBytes + recordBytes > limits.batchBytesMax) return undefined
    builder.append(record)
  }
  return builder.build(limits.build)
}
