import { createRequire } from 'node:module'
import { decompressSnappyBlock } from '../records/codecs/snappy-block.ts'
import type { SnappyBlocks } from '../records/codecs/snappy-framing.ts'
import { optionalModule } from './optional-module.ts'

/** Snappy blocks by the native `snappy` package; undefined where it does not load. */
export function nativeSnappyBlocks(): SnappyBlocks | undefined {
  const native = optionalModule<typeof import('snappy')>('snappy')
  if (native === undefined) return undefined
  return {
    compress: source => native.compressSync(source),
    decompress(source) {
      try {
        return native.uncompressSync(source, { asBuffer: true }) as Buffer
      } catch {
        // The one reason it has for refusing is that the block is corrupt.
        return undefined
      }
    },
  }
}

/** Snappy blocks in plain JavaScript: `snappyjs` writes, our own strict reader reads. */
export function portableSnappyBlocks(): SnappyBlocks {
  const portable = createRequire(import.meta.url)('snappyjs') as typeof import('snappyjs')
  return {
    compress: source => portable.compress(source),
    decompress(source, outputBytes) {
      const target = Buffer.allocUnsafe(outputBytes)
      return decompressSnappyBlock(source, target) ? target : undefined
    },
  }
}
