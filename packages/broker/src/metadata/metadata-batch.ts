/** A proposal as one record batch of the metadata log: it is there as a whole or not at all, because one checksum covers it. */
import type { Buffer } from 'node:buffer'
import { BatchBuilder, crc32c, type RecordBatch, recordsOf } from '@varve/protocol'
import type { MetadataChange } from './change.ts'
import type { BatchPlace } from './control-batch.ts'
import { decodeChange, encodeChange } from './record-codec.ts'

export function metadataBatch(changes: readonly MetadataChange[], place: BatchPlace): Buffer {
  const builder = new BatchBuilder()
  for (const change of changes)
    builder.append({ value: encodeChange(change), timestamp: place.timestamp })
  return builder.build({
    baseOffset: place.baseOffset,
    partitionLeaderEpoch: place.leaderEpoch,
    crc32c,
  })
}

/** The changes that a batch holds; throws what the codec throws for a record that we do not know. */
export function changesOf(batch: RecordBatch): MetadataChange[] {
  const changes: MetadataChange[] = []
  for (const { value } of recordsOf(batch)) {
    const change = value === null ? undefined : decodeChange(value)
    if (change !== undefined) changes.push(change)
  }
  return changes
}
