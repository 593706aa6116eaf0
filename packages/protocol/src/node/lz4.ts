import type { Lz4Blocks } from '../records/codecs/lz4-frame.ts'
import { optionalModule } from './optional-module.ts'

/** The size in front of a block, little-endian, that `lz4-napi` writes and wants to read. */
const SIZE_PREFIX_BYTES = 4

/**
 * LZ4 blocks by the native `lz4-napi`; undefined where it does not load. Only its blocks are used, since its frames cannot be
 * bounded and are slower than ours around its blocks.
 */
export function nativeLz4Blocks(): Lz4Blocks | undefined {
  const native = optionalModule<typeof import('lz4-napi')>('lz4-napi')
  if (native === undefined) return undefined
  return {
    compress: source => native.compressSync(asBuffer(source)).subarray(SIZE_PREFIX_BYTES),
    decompress(source, outputBytes, target, start) {
      const prefixed = Buffer.allocUnsafe(SIZE_PREFIX_BYTES + source.length)
      prefixed.writeUInt32LE(outputBytes)
      prefixed.set(source, SIZE_PREFIX_BYTES)
      try {
        const output = native.uncompressSync(prefixed)
        if (output.length !== outputBytes) return false
        target.set(output, start)
        return true
      } catch {
        // The one reason it has for refusing is that the block is corrupt.
        return false
      }
    },
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
