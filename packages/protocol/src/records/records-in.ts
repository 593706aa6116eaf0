import { Buffer } from 'node:buffer'
import { batchesOf } from './batches.ts'
import type { Codecs } from './compression.ts'
import { readLegacyEntry } from './legacy-messages.ts'
import type { LogRecord } from './log-record.ts'
import { MAGIC_V2 } from './record-batch.ts'
import { DECOMPRESSED_BYTES_MAX, recordsOf } from './record-iterator.ts'

const MAGIC_POSITION = 16

/**
 * All users' records in what a fetch gave or a segment holds, whatever format they are in: control batches are passed over, a last
 * batch that is cut off is left out. A batch is given whole, so that the first records may lie before the offset that was asked for.
 * Throws what `recordsOf` throws.
 *
 * @example
 * ```ts
 * for (const { offset, key, value } of recordsIn(bytes, nodeCodecs())) console.log(offset, `${key}`, `${value}`)
 * ```
 */
export function* recordsIn(
  bytes: Uint8Array,
  codecs?: Codecs,
  decompressedBytesMax: number = DECOMPRESSED_BYTES_MAX,
): Generator<LogRecord, void, void> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let position = 0
  while (
    buffer.length - position > MAGIC_POSITION &&
    buffer[position + MAGIC_POSITION]! < MAGIC_V2
  ) {
    const entry = readLegacyEntry(buffer, position, codecs, decompressedBytesMax)
    if (entry === undefined) return
    yield* entry.records
    position = entry.endPosition
  }
  // Kafka never writes an old format behind a newer one.
  for (const batch of batchesOf(buffer.subarray(position))) {
    if (!batch.isControl) yield* recordsOf(batch, codecs, decompressedBytesMax)
  }
}
