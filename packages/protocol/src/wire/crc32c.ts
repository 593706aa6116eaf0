import portable from 'crc-32/crc32c.js'

/**
 * Computes the CRC-32C (Castagnoli) of `bytes[start, end)` as an unsigned number. What needs a checksum takes one of these
 * as an argument, so that the accelerated one of `node/` reaches it without the pure code importing anything native.
 */
export type Crc32c = (bytes: Uint8Array, start: number, end: number) => number

/** The portable CRC-32C: always there, and the measure for the accelerated one. */
export const portableCrc32c: Crc32c = (bytes, start, end) =>
  portable.buf(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), 0) >>> 0
