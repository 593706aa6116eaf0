import type { Buffer } from 'node:buffer'
import { BatchBuilder, crc32c } from '@varve/protocol'

/** The first batch of a metadata log, with these values. */
export function metadataBatchOf(values: readonly Uint8Array[]): Buffer {
  const builder = new BatchBuilder()
  for (const value of values) builder.append({ value, timestamp: 0 })
  return builder.build({ baseOffset: 0, partitionLeaderEpoch: 1, crc32c })
}
