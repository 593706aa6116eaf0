import { batchesOf, nodeCodecs, recordsOf } from '@varve/protocol'
import type { Partition } from '../../packages/broker/src/replication/partition.ts'

/** The values of all committed records, with their offsets, read as a consumer would. */
export async function readValues(
  partition: Partition,
  options: { from?: number; maxBytes?: number } = {},
): Promise<{ offset: number; value: string }[]> {
  const values: { offset: number; value: string }[] = []
  let offset = options.from ?? partition.logStartOffset
  while (offset < partition.highWatermark) {
    const read = await partition.read({
      offset,
      maxBytes: options.maxBytes ?? 1_000_000,
      upTo: 'high watermark',
      firstBatchWhole: true,
    })
    const bytes = Buffer.concat(read.parts)
    read.release?.()
    if (bytes.length === 0) return values
    for (const batch of batchesOf(bytes)) {
      for (const record of recordsOf(batch, nodeCodecs())) {
        if (record.offset >= offset)
          values.push({ offset: record.offset, value: record.value?.toString() ?? '' })
      }
      offset = batch.lastOffset + 1
    }
  }
  return values
}
