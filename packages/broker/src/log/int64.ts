/** 64-bit integers of the log's own files, as numbers: beyond 2^53-1 a value saturates, as record timestamps may. */

const HIGH = 2 ** 32
const HIGH_WORD_MAX = 0x1fffff

/** Reads a big-endian int64; a value that a number cannot hold saturates to the nearest safe integer. */
export function readInt64(bytes: Buffer, position: number): number {
  const high = bytes.readInt32BE(position)
  if (high > HIGH_WORD_MAX) return Number.MAX_SAFE_INTEGER
  if (high < -HIGH_WORD_MAX - 1) return Number.MIN_SAFE_INTEGER
  return Math.max(high * HIGH + bytes.readUInt32BE(position + 4), Number.MIN_SAFE_INTEGER)
}

/** Writes a safe integer as a big-endian int64. */
export function writeInt64(bytes: Buffer, position: number, value: number): void {
  const high = Math.floor(value / HIGH)
  bytes.writeInt32BE(high, position)
  bytes.writeUInt32BE(value - high * HIGH, position + 4)
}
