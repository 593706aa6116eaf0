import { gunzipSync, gzipSync } from 'node:zlib'
import { CompressionError } from '../records/compression.ts'

/** Levels 1 to 9, or -1 for zlib's own choice. */
export function compressGzip(bytes: Uint8Array, level = -1): Uint8Array {
  return gzipSync(bytes, { level })
}

export function decompressGzip(bytes: Uint8Array, maxBytes: number): Uint8Array {
  try {
    // zlib wants room for at least one byte; an output of that one byte is then too large all the same.
    const output = gunzipSync(bytes, { maxOutputLength: Math.max(1, maxBytes) })
    if (output.length <= maxBytes) return output
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_BUFFER_TOO_LARGE') {
      throw new CompressionError('corrupt', 'gzip data cannot be read', { cause: error })
    }
  }
  throw new CompressionError('too large', `gzip data decompresses to more than ${maxBytes} bytes`)
}
