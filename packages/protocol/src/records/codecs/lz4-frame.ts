/**
 * The LZ4 frame format, as Kafka uses it: magic, FLG, BD, [content size], header checksum, blocks of `size, data, [checksum]`,
 * an end mark, [content checksum]; all little-endian. Kafka's Java client reads independent blocks only, so those are written;
 * both kinds are read.
 */
import { Buffer } from 'node:buffer'
import { CompressionError } from '../compression.ts'
import { viewOf } from '../record-batch.ts'
import {
  compressLz4Block,
  decompressLz4Block,
  LZ4_BLOCK_BYTES_MAX,
  lz4BlockOutputBytes,
  lz4HashTable,
} from './lz4-block.ts'
import { xxhash32 } from './xxhash32.ts'

/** Compresses and decompresses single blocks: ours, or a native one. */
export interface Lz4Blocks {
  /** Compresses at most 64 KiB; undefined if that takes no fewer bytes. */
  compress(source: Uint8Array): Uint8Array | undefined
  /** Decompresses an independent block that is known to give `outputBytes` into `target` at `start`; false if it is corrupt. */
  decompress(source: Uint8Array, outputBytes: number, target: Buffer, start: number): boolean
}

/** The block codec in plain JavaScript. */
export function portableLz4Blocks(): Lz4Blocks {
  const table = lz4HashTable()
  const scratch = Buffer.allocUnsafeSlow(LZ4_BLOCK_BYTES_MAX)
  return {
    compress(source) {
      const size = compressLz4Block(source, scratch.subarray(0, source.length), table)
      return size === undefined ? undefined : scratch.subarray(0, size)
    },
    decompress: (source, outputBytes, target, start) =>
      decompressLz4Block(source, target, start, start) === start + outputBytes,
  }
}

const MAGIC = 0x184d2204
/** Version 1, independent blocks, no checksums, no content size; blocks of 64 KiB; and the checksum of these two bytes. */
const HEADER = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]
const STORED = 0x8000_0000

/** Compresses into one frame of independent blocks. */
export function compressLz4Frame(bytes: Uint8Array, blocks: Lz4Blocks): Buffer {
  const blocksCount = Math.ceil(bytes.length / LZ4_BLOCK_BYTES_MAX)
  const frame = Buffer.allocUnsafe(HEADER.length + bytes.length + 4 * blocksCount + 4)
  frame.set(HEADER)
  let at = HEADER.length
  for (let start = 0; start < bytes.length; start += LZ4_BLOCK_BYTES_MAX) {
    const source = bytes.subarray(start, start + LZ4_BLOCK_BYTES_MAX)
    const compressed = blocks.compress(source)
    const isStored = compressed === undefined || compressed.length >= source.length
    const block = isStored ? source : compressed
    frame.writeUInt32LE(isStored ? block.length + STORED : block.length, at)
    frame.set(block, at + 4)
    at += 4 + block.length
  }
  frame.writeUInt32LE(0, at)
  return frame.subarray(0, at + 4)
}

/** Decompresses the first frame in `bytes`. What it gives is measured before it is allocated. Throws a `CompressionError`. */
export function decompressLz4Frame(bytes: Uint8Array, blocks: Lz4Blocks, maxBytes: number): Buffer {
  const header = readHeader(bytes)
  const { found, totalBytes, endPosition } = readBlocks(bytes, header, maxBytes)
  const output = Buffer.allocUnsafe(totalBytes)
  let at = 0
  for (const { source, isStored, outputBytes } of found) {
    if (isStored) output.set(source, at)
    else if (!decompressBlock(source, outputBytes, { output, at, header, blocks })) {
      throw corrupt('a block is malformed')
    }
    at += outputBytes
  }
  if (header.hasContentChecksum) {
    const checksum = readUint32(bytes, endPosition)
    if (checksum !== xxhash32(output)) throw corrupt('the checksum of the content is wrong')
  }
  return output
}

function decompressBlock(
  source: Uint8Array,
  outputBytes: number,
  into: { output: Buffer; at: number; header: FrameHeader; blocks: Lz4Blocks },
): boolean {
  const { output, at, header, blocks } = into
  if (header.isIndependent) return blocks.decompress(source, outputBytes, output, at)
  return decompressLz4Block(source, output, at, 0) === at + outputBytes
}

/**
 * A copy of a frame with the header checksum that it should have: with message format 0, Kafka wrote it computed over the
 * wrong bytes (KAFKA-3160).
 */
export function withRightHeaderChecksum(bytes: Uint8Array): Uint8Array {
  const position = headerChecksumPosition(bytes[4] ?? 0)
  if (bytes.length <= position) return bytes
  const copy = Uint8Array.from(bytes)
  copy[position] = headerChecksum(bytes, position)
  return copy
}

function headerChecksumPosition(flags: number): number {
  const hasContentSize = (flags & 0x08) !== 0
  return hasContentSize ? 14 : 6
}

function headerChecksum(bytes: Uint8Array, position: number): number {
  return (xxhash32(bytes.subarray(4, position)) >>> 8) & 0xff
}

interface FrameHeader {
  readonly isIndependent: boolean
  readonly hasBlockChecksums: boolean
  readonly hasContentChecksum: boolean
  readonly blockBytesMax: number
  readonly sizeBytes: number
}

function readHeader(bytes: Uint8Array): FrameHeader {
  if (bytes.length < HEADER.length || viewOf(bytes).getUint32(0, true) !== MAGIC) {
    throw corrupt('there is no frame')
  }
  const flags = bytes[4]!
  const descriptor = bytes[5]!
  // Bit 1 is reserved and bit 0 asks for a dictionary, which Kafka has none of.
  if (flags >>> 6 !== 1 || (flags & 0x03) !== 0 || (descriptor & 0x8f) !== 0) {
    throw corrupt('the frame has unknown flags')
  }
  const sizeCode = descriptor >>> 4
  if (sizeCode < 4) throw corrupt('the frame has an unknown block size')
  const checksumPosition = headerChecksumPosition(flags)
  if (bytes.length <= checksumPosition) throw corrupt('the header is cut off')
  if (bytes[checksumPosition] !== headerChecksum(bytes, checksumPosition)) {
    throw corrupt('the checksum of the header is wrong')
  }
  return {
    isIndependent: (flags & 0x20) !== 0,
    hasBlockChecksums: (flags & 0x10) !== 0,
    hasContentChecksum: (flags & 0x04) !== 0,
    blockBytesMax: 1 << (8 + 2 * sizeCode),
    sizeBytes: checksumPosition + 1,
  }
}

interface Block {
  readonly source: Uint8Array
  readonly isStored: boolean
  readonly outputBytes: number
}

function readBlocks(bytes: Uint8Array, header: FrameHeader, maxBytes: number) {
  const found: Block[] = []
  let totalBytes = 0
  let position = header.sizeBytes
  for (;;) {
    const size = readUint32(bytes, position)
    position += 4
    if (size === 0) return { found, totalBytes, endPosition: position }
    const isStored = size >= STORED
    const sizeBytes = isStored ? size - STORED : size
    const checksumBytes = header.hasBlockChecksums ? 4 : 0
    if (sizeBytes > bytes.length - position - checksumBytes) throw corrupt('a block is cut off')
    const source = bytes.subarray(position, position + sizeBytes)
    const outputBytes = isStored ? sizeBytes : lz4BlockOutputBytes(source)
    if (outputBytes === undefined || outputBytes > header.blockBytesMax) {
      throw corrupt('a block is malformed')
    }
    totalBytes += outputBytes
    if (totalBytes > maxBytes) {
      throw new CompressionError(
        'too large',
        `LZ4 data decompresses to more than ${maxBytes} bytes`,
      )
    }
    position += sizeBytes
    if (header.hasBlockChecksums) {
      if (readUint32(bytes, position) !== xxhash32(source)) {
        throw corrupt('the checksum of a block is wrong')
      }
      position += 4
    }
    found.push({ source, isStored, outputBytes })
  }
}

function readUint32(bytes: Uint8Array, position: number): number {
  if (bytes.length - position < 4) throw corrupt('the frame is cut off')
  return viewOf(bytes).getUint32(position, true)
}

function corrupt(why: string): CompressionError {
  return new CompressionError('corrupt', `LZ4 data cannot be read: ${why}`)
}
