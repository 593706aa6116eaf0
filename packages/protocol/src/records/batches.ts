import { CorruptRecordsError } from './corrupt-records-error.ts'
import {
  BATCH_HEADER_BYTES,
  BATCH_PREFIX_BYTES,
  MAGIC_V2,
  RecordBatch,
  viewOf,
} from './record-batch.ts'

const MAGIC_POSITION = 16

/**
 * The batches that lie whole in `bytes`, one after another, as views. A last one that is cut off, as in the answer to a
 * fetch, is left out. Throws a `CorruptRecordsError` where the bytes cannot be a batch at all.
 *
 * @example
 * ```ts
 * for (const batch of batchesOf(bytes)) console.log(batch.baseOffset, batch.recordsCount, batch.crcIsValid())
 * ```
 */
export function* batchesOf(bytes: Uint8Array): Generator<RecordBatch, void, void> {
  const view = viewOf(bytes)
  let position = 0
  while (bytes.length - position > MAGIC_POSITION) {
    const magic = view.getInt8(position + MAGIC_POSITION)
    if (magic !== MAGIC_V2)
      throw new CorruptRecordsError(`A record batch has magic ${magic}, expected 2`)
    const batch = new RecordBatch(bytes, position, view)
    const sizeBytes = view.getInt32(position + 8) + BATCH_PREFIX_BYTES
    if (sizeBytes < BATCH_HEADER_BYTES)
      throw new CorruptRecordsError(`A record batch has a size of ${sizeBytes} bytes`)
    if (sizeBytes > bytes.length - position) return
    yield batch
    position += sizeBytes
  }
}
