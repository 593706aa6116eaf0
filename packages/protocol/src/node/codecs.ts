import {
  compressLz4Frame,
  decompressLz4Frame,
  type Lz4Blocks,
  portableLz4Blocks,
} from '../records/codecs/lz4-frame.ts'
import {
  compressSnappy,
  decompressSnappy,
  type SnappyBlocks,
  type SnappyFraming,
} from '../records/codecs/snappy-framing.ts'
import type { Codec, Codecs } from '../records/compression.ts'
import { compressGzip, decompressGzip } from './gzip.ts'
import { nativeLz4Blocks } from './lz4.ts'
import { nativeSnappyBlocks, portableSnappyBlocks } from './snappy.ts'
import { builtInZstd, portableZstd, ZSTD_LEVEL_DEFAULT, type Zstd } from './zstd.ts'

/** Which code does the work: a native package, Node.js itself, or JavaScript and WebAssembly that run everywhere. */
export type CodecSource = 'native' | 'built in' | 'portable'

export interface NodeCodecsOptions {
  /** `native` (the default) falls back to `portable` where a native package does not load. */
  readonly prefer?: 'native' | 'portable'
  /** What is written; both are read. `xerial`, as the Java client does, if left out. */
  readonly snappyFraming?: SnappyFraming
}

/** The codecs on Node.js, and where each comes from. */
export interface NodeCodecs extends Codecs {
  /** Loads the codec, if that has not happened yet, and says what it is made of. */
  source(codec: Codec): CodecSource
}

/** All four codecs of Kafka, synchronous, each loaded when it is first used. */
export function nodeCodecs(options: NodeCodecsOptions = {}): NodeCodecs {
  const isNative = options.prefer !== 'portable'
  const framing = options.snappyFraming ?? 'xerial'
  const lz4 = once(() => lz4Blocks(isNative))
  const snappy = once(() => snappyBlocks(isNative))
  const zstd = once((): Zstd => (isNative ? builtInZstd() : undefined) ?? portableZstd())
  return {
    compress(codec, bytes, level) {
      switch (codec) {
        case 'gzip':
          return compressGzip(bytes, level)
        case 'snappy':
          return compressSnappy(bytes, snappy().blocks, framing)
        case 'lz4':
          return compressLz4Frame(bytes, lz4().blocks)
        case 'zstd':
          return zstd().compress(bytes, level ?? ZSTD_LEVEL_DEFAULT)
      }
    },
    decompress(codec, bytes, maxBytes) {
      switch (codec) {
        case 'gzip':
          return decompressGzip(bytes, maxBytes)
        case 'snappy':
          return decompressSnappy(bytes, snappy().blocks, maxBytes)
        case 'lz4':
          return decompressLz4Frame(bytes, lz4().blocks, maxBytes)
        case 'zstd':
          return zstd().decompress(bytes, maxBytes)
      }
    },
    source(codec) {
      switch (codec) {
        case 'gzip':
          return 'built in'
        case 'snappy':
          return snappy().source
        case 'lz4':
          return lz4().source
        case 'zstd':
          return zstd().source
      }
    },
  }
}

function lz4Blocks(isNative: boolean): { blocks: Lz4Blocks; source: CodecSource } {
  const native = isNative ? nativeLz4Blocks() : undefined
  if (native !== undefined) return { blocks: native, source: 'native' }
  return { blocks: portableLz4Blocks(), source: 'portable' }
}

function snappyBlocks(isNative: boolean): { blocks: SnappyBlocks; source: CodecSource } {
  const native = isNative ? nativeSnappyBlocks() : undefined
  if (native !== undefined) return { blocks: native, source: 'native' }
  return { blocks: portableSnappyBlocks(), source: 'portable' }
}

function once<T extends object>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
