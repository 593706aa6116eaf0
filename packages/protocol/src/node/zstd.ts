import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as zlib from 'node:zlib'
import { CompressionError } from '../records/compression.ts'
import { viewOf } from '../records/record-batch.ts'

/** Zstandard, wherever it comes from. */
export interface Zstd {
  readonly source: 'built in' | 'portable'
  compress(bytes: Uint8Array, level: number): Uint8Array
  decompress(bytes: Uint8Array, maxBytes: number): Uint8Array
}

/** What Java's client uses. */
export const ZSTD_LEVEL_DEFAULT = 3

type ZlibWithZstd = {
  readonly zstdCompressSync?: (bytes: Uint8Array, options: object) => Buffer
  readonly zstdDecompressSync?: (bytes: Uint8Array, options: object) => Buffer
  readonly constants: { readonly ZSTD_c_compressionLevel?: number }
}

/** Zstandard of `node:zlib`, which has it from Node 22.15 on; undefined before. */
export function builtInZstd(): Zstd | undefined {
  const { zstdCompressSync, zstdDecompressSync, constants } = zlib as unknown as ZlibWithZstd
  const levelParameter = constants.ZSTD_c_compressionLevel
  if (!zstdCompressSync || !zstdDecompressSync || levelParameter === undefined) return undefined
  return {
    source: 'built in',
    compress: (bytes, level) => zstdCompressSync(bytes, { params: { [levelParameter]: level } }),
    decompress(bytes, maxBytes) {
      try {
        const output = zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, maxBytes) })
        if (output.length <= maxBytes) return output
      } catch (error) {
        if ((error as { code?: string }).code !== 'ERR_BUFFER_TOO_LARGE') throw corrupt(error)
      }
      throw tooLarge(maxBytes)
    },
  }
}

/** The part of the emscripten module of `@bokuweb/zstd-wasm` that is used: C functions over one memory. */
interface ZstdModule {
  instantiateWasm: (imports: object, receive: (instance: object) => void) => object
  init: () => void
  readonly calledRun?: boolean
  readonly HEAPU8: Uint8Array
  readonly _malloc: (size: number) => number
  readonly _free: (pointer: number) => void
  readonly _ZSTD_isError: (code: number) => number
  readonly _ZSTD_compressBound: (size: number) => number
  /** Target, its size, source, its size, level: as in C. */
  readonly _ZSTD_compress: (...args: readonly number[]) => number
  readonly _ZSTD_decompress: (
    target: number,
    targetSize: number,
    source: number,
    sourceSize: number,
  ) => number
}

/**
 * Zstandard in WebAssembly. The package's own `init` is asynchronous and its `decompress` trusts the size that a frame declares,
 * so the module underneath is started synchronously, through the hook that emscripten has for it, and called directly.
 */
export function portableZstd(): Zstd {
  const module = startModule()
  return {
    source: 'portable',
    compress: (bytes, level) => compressWith(module, bytes, level),
    decompress: (bytes, maxBytes) => decompressWith(module, bytes, maxBytes),
  }
}

/** The two constructors that are used; neither the compiler's library nor Node's types describe them. */
const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyConstructors }).WebAssembly

interface WebAssemblyConstructors {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => object
}

function startModule(): ZstdModule {
  const directory = dirname(createRequire(import.meta.url).resolve('@bokuweb/zstd-wasm'))
  const { Module: module } = createRequire(join(directory, 'index.node.js'))('./module.js') as {
    Module: ZstdModule
  }
  if (module.calledRun === true) return module
  module.instantiateWasm = (imports, receive) => {
    const compiled = new webAssembly.Module(readFileSync(join(directory, 'zstd.wasm')))
    receive(new webAssembly.Instance(compiled, imports))
    return {}
  }
  module.init()
  return module
}

function compressWith(module: ZstdModule, bytes: Uint8Array, level: number): Uint8Array {
  const bound = module._ZSTD_compressBound(bytes.length)
  return withMemory(module, bytes, bound, (source, target) => {
    const size = module._ZSTD_compress(target, bound, source, bytes.length, level)
    if (module._ZSTD_isError(size)) {
      throw new CompressionError('unsupported', `zstd failed with code ${size}`)
    }
    return module.HEAPU8.slice(target, target + size)
  })
}

/** The library's code for an output that does not fit. */
const TARGET_TOO_SMALL = -70
const FIRST_CAPACITY_BYTES = 65_536

function decompressWith(module: ZstdModule, bytes: Uint8Array, maxBytes: number): Uint8Array {
  // Nothing is no frame, though the library takes it for none of them.
  if (bytes.length === 0) throw corrupt('there is no frame')
  const declared = declaredContentBytes(bytes)
  if (declared !== undefined && declared > maxBytes) throw tooLarge(maxBytes)
  // A declared size is believed only as far as the bytes at hand make it likely; beyond that the room grows with the output.
  const likely = Math.max(FIRST_CAPACITY_BYTES, bytes.length * 32)
  let capacity = Math.min(declared ?? likely, likely, maxBytes)
  for (;;) {
    const room = capacity
    const output = withMemory(module, bytes, room, (source, target) => {
      const size = module._ZSTD_decompress(target, room, source, bytes.length)
      if (size === TARGET_TOO_SMALL) return undefined
      if (module._ZSTD_isError(size)) throw corrupt(`zstd code ${size}`)
      return module.HEAPU8.slice(target, target + size)
    })
    if (output !== undefined) return output
    if (capacity >= maxBytes) throw tooLarge(maxBytes)
    capacity = Math.min(Math.max(capacity, FIRST_CAPACITY_BYTES) * 4, maxBytes)
  }
}

/** Runs `work` with `bytes` copied into the module's memory and room for `capacity` bytes beside it. */
function withMemory<T>(
  module: ZstdModule,
  bytes: Uint8Array,
  capacity: number,
  work: (source: number, target: number) => T,
): T {
  const source = module._malloc(Math.max(1, bytes.length))
  const target = source === 0 ? 0 : module._malloc(Math.max(1, capacity))
  try {
    if (target === 0) throw new CompressionError('too large', 'zstd has no memory for the data')
    module.HEAPU8.set(bytes, source)
    return work(source, target)
  } finally {
    if (source !== 0) module._free(source)
    if (target !== 0) module._free(target)
  }
}

/** The size that the first frame says it has; undefined if it does not say, or is no frame. */
export function declaredContentBytes(bytes: Uint8Array): number | undefined {
  if (bytes.length < 5 || viewOf(bytes).getUint32(0, true) !== 0xfd2fb528) return undefined
  const descriptor = bytes[4]!
  const isSingleSegment = (descriptor & 0x20) !== 0
  const sizeCode = descriptor >>> 6
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!
  const position = 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes
  const sizeBytes = sizeCode === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeCode
  if (sizeBytes === 0 || bytes.length < position + sizeBytes) return undefined
  let value = 0
  for (let index = sizeBytes - 1; index >= 0; index--)
    value = value * 256 + bytes[position + index]!
  return sizeBytes === 2 ? value + 256 : value
}

function tooLarge(maxBytes: number): CompressionError {
  return new CompressionError('too large', `zstd data decompresses to more than ${maxBytes} bytes`)
}

function corrupt(cause: unknown): CompressionError {
  return new CompressionError('corrupt', 'zstd data cannot be read', { cause })
}
