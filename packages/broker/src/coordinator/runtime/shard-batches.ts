import { BatchBuilder, type BuildOptions, type RecordInput } from '@varve/protocol'
import type { StoredRecord } from './shard-logic.ts'

export interface BatchLimits {
  readonly nowMs: number
  /** The largest batch that the topic takes. */
  readonly batchBytesMax: number
  readonly build: BuildOptions
}

/**
 * The records of one decision as one batch. Only where they are more than the topic takes (a thousand offsets of a deleted topic, say) they
 * become several, appended in one turn. Undefined when a single record is too large.
 */
export function shardBatches(
  records: readonly StoredRecord[],
  limits: BatchLimits,
): readonly Buffer[] | undefined {
  const batches: Buffer[] = []
  let builder = new BatchBuilder()
  for (const { key, value } of records) {
    const record: RecordInput = { key, value, timestamp: limits.nowMs }
    if (builder.sizeBytes + builder.sizeWith(record) > limits.batchBytesMax) {
      if (builder.recordsCount > 0) batches.push(builder.build(limits.build))
      builder = new BatchBuilder()
      if (builder.sizeBytes + builder.sizeWith(record) > limits.batchBytesMax) return undefined
    }
    builder.append(record)
  }
  batches.push(builder.build(limits.build))
  return batches
}
