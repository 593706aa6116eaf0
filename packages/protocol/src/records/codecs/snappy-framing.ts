/**
 * How Snappy travels in Kafka. The Java client writes the stream of snappy-java ("xerial"): a magic, two versions, then chunks of
 * `length, raw block`; librdkafka and kafkajs write one raw block. Both are read; a second header may lie in mid-stream.
 */
import { Buffer } from 'node:buffer'
import { CompressionError } from '../compression.ts'
import { viewOf } from '../record-batch.ts'
import { snappyOutputBytes } from './snappy-block.ts'

/** Compresses and decompresses raw blocks: ours, or a native one. */
export interface SnappyBlocks {
  compress(source: Uint8Array): Uint8Array
  /** Decompresses a block that says it gives `outputBytes`; undefined if it is corrupt. */
  decompress(source: Uint8Array, outputBytes: number): Uint8Array | undefined
}

/** `xerial`: as the Java client writes. `raw`: as librdkafka does. Every client reads both. */
export type SnappyFraming = 'xerial' | 'raw'

const MAGIC = Buffer.from('82534e4150505900', 'hex')
const HEADER = Buffer.concat([MAGIC, Buffer.from('0000000100000001', 'hex')])
/** What snappy-java puts into a chunk. */
const CHUNK_BYTES = 32_768

export function compressSnappy(
  bytes: Uint8Array,
  blocks: SnappyBlocks,
  framing: SnappyFraming,
): Uint8Array {
  if (framing === 'raw') return blocks.compress(bytes)
  const parts: Uint8Array[] = [HEADER]
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    const block = blocks.compress(bytes.subarray(start, start + CHUNK_BYTES))
    const length = Buffer.allocUnsafe(4)
    length.writeInt32BE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

/** Decompresses either form. What it gives is added up before it is allocated. Throws a `CompressionError`. */
export function decompressSnappy(
  bytes: Uint8Array,
  blocks: SnappyBlocks,
  maxBytes: number,
): Uint8Array {
  const sources = hasHeader(bytes, 0) ? chunksOf(bytes) : [bytes]
  let totalBytes = 0
  const sizes = sources.map(source => {
    const outputBytes = snappyOutputBytes(source)
    if (outputBytes === undefined) throw corrupt()
    totalBytes += outputBytes
    return outputBytes
  })
  if (totalBytes > maxBytes) {
    throw new CompressionError(
      'too large',
      `Snappy data decompresses to more than ${maxBytes} bytes`,
    )
  }
  const parts = sources.map((source, index) => {
    const part = blocks.decompress(source, sizes[index]!)
    if (part === undefined || part.length !== sizes[index]) throw corrupt()
    return part
  })
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

function chunksOf(bytes: Uint8Array): Uint8Array[] {
  const view = viewOf(bytes)
  const chunks: Uint8Array[] = []
  let position = HEADER.length
  while (position < bytes.length) {
    if (hasHeader(bytes, position)) {
      position += HEADER.length
      continue
    }
    if (bytes.length - position < 4) throw corrupt()
    const length = view.getInt32(position)
    position += 4
    if (length < 0 || length > bytes.length - position) throw corrupt()
    // snappy-java writes no empty chunk, but reads one.
    if (length > 0) chunks.push(bytes.subarray(position, position + length))
    position += length
  }
  return chunks
}

function hasHeader(bytes: Uint8Array, position: number): boolean {
  if (bytes.length - position < HEADER.length) return false
  for (let index = 0; index < MAGIC.length; index++) {
    if (bytes[position + index] !== MAGIC[index]) return false
  }
  return true
}

function corrupt(): CompressionError {
  return new CompressionError('corrupt', 'Snappy data cannot be read')
}
