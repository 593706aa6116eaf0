import { BATCH_HEADER_BYTES, RecordBatch } from '@varve/protocol'
import type { Segment } from './segment.ts'

/** The largest timestamp of a segment's first batch; undefined when there is not even a header. Rejects with a `DiskError`. */
export async function firstTimestampOf(segment: Segment): Promise<number | undefined> {
  const header = Buffer.alloc(BATCH_HEADER_BYTES)
  const file = await segment.open()
  return file.readNow(0, header) < header.length ? undefined : new RecordBatch(header).maxTimestamp
}
