/** Brings a batch to the codec that `compression.type` demands: the records stay as they are, only their wrapping and the header change. */
import {
  BATCH_HEADER_BYTES,
  BATCH_PREFIX_BYTES,
  batchAttributes,
  type Codec,
  CompressionError,
  type CompressionType,
  compressionTypes,
  RecordBatch,
} from '@varve/protocol'
import type { BatchRefusal, DoorTools } from './batch-door.ts'
import type { LogSettings } from './log-settings.ts'

const BATCH_LENGTH_POSITION = 8
const ATTRIBUTES_POSITION = 21

/** The batch in the topic's codec: the same bytes when it has that already, else a new buffer, else why it cannot be. */
export function recompress(
  bytes: Uint8Array,
  settings: LogSettings,
  tools: DoorTools,
): Uint8Array | BatchRefusal {
  const target = targetOf(settings)
  const batch = new RecordBatch(bytes)
  const source = batch.compression
  if (target === undefined || source === undefined || source === target) return bytes
  try {
    const records =
      source === 'none'
        ? batch.recordBytes()
        : tools.codecs.decompress(source, batch.recordBytes(), settings.maxDecompressedBytes)
    const body =
      target === 'none'
        ? records
        : tools.codecs.compress(target, records, levelOf(target, settings))
    if (
      BATCH_HEADER_BYTES + body.length >
      Math.min(settings.maxMessageBytes, settings.segmentBytes)
    ) {
      return {
        error: 'MESSAGE_TOO_LARGE',
        message: `The record batch is larger than max.message.bytes once it is compressed with ${target}.`,
      }
    }
    return rewrapped(batch, body, target, tools)
  } catch (error) {
    if (!(error instanceof CompressionError)) throw error
    const name = error.problem === 'too large' ? 'MESSAGE_TOO_LARGE' : 'CORRUPT_MESSAGE'
    return { error: name, message: 'The records cannot be brought to the codec of the topic.' }
  }
}

/** The header is copied, for its timestamps may be beyond what a number holds; only what differs is written anew. */
function rewrapped(
  batch: RecordBatch,
  body: Uint8Array,
  target: CompressionType,
  tools: DoorTools,
): Buffer {
  const rewritten = Buffer.allocUnsafeSlow(BATCH_HEADER_BYTES + body.length)
  rewritten.set(batch.bytes.subarray(batch.position, batch.position + BATCH_HEADER_BYTES))
  rewritten.set(body, BATCH_HEADER_BYTES)
  rewritten.writeInt32BE(rewritten.length - BATCH_PREFIX_BYTES, BATCH_LENGTH_POSITION)
  rewritten.writeInt16BE(
    (batch.attributes & ~batchAttributes.codecMask) | compressionTypes.indexOf(target),
    ATTRIBUTES_POSITION,
  )
  new RecordBatch(rewritten).writeCrc(tools.crc32c)
  return rewritten
}

function targetOf(settings: LogSettings): CompressionType | undefined {
  if (settings.compressionType === 'producer') return undefined
  return settings.compressionType === 'uncompressed' ? 'none' : settings.compressionType
}

function levelOf(codec: Codec, settings: LogSettings): number | undefined {
  switch (codec) {
    case 'gzip':
      return settings.compressionGzipLevel
    case 'lz4':
      return settings.compressionLz4Level
    case 'zstd':
      return settings.compressionZstdLevel
    case 'snappy':
      return undefined
  }
}
