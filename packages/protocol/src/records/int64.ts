import type { Buffer } from 'node:buffer'
import { TWO_TO_32 } from '../wire/int64.ts'

const HIGH_WORD_MAX = 0x1f_ffff

/**
 * Reads an int64 as a number, saturated to the safe integers: what a batch carries may be anything (nanoseconds since
 * 1970 exceed 2^53), and reading a header never fails.
 */
export function readInt64(view: DataView, position: number): number {
  return saturated(view.getInt32(position), view.getUint32(position + 4))
}

/** Writes a safe integer as an int64. */
export function writeInt64(view: DataView, position: number, value: number): void {
  view.setInt32(position, Math.floor(value / TWO_TO_32))
  view.setUint32(position + 4, value >>> 0)
}

/** `readInt64` from a buffer, by the name that the buffer's own methods would give it. */
export function readInt64BE(bytes: Buffer, position: number): number {
  return saturated(bytes.readInt32BE(position), bytes.readUInt32BE(position + 4))
}

/** `writeInt64` into a buffer. */
export function writeInt64BE(bytes: Buffer, position: number, value: number): void {
  bytes.writeInt32BE(Math.floor(value / TWO_TO_32), position)
  bytes.writeUInt32BE(value >>> 0, position + 4)
}

/** Brings a sum of two safe integers back into their range. */
export function saturate(value: number): number {
  if (value > Number.MAX_SAFE_INTEGER) return Number.MAX_SAFE_INTEGER
  return value < Number.MIN_SAFE_INTEGER ? Number.MIN_SAFE_INTEGER : value
}

function saturated(high: number, low: number): number {
  if (high > HIGH_WORD_MAX) return Number.MAX_SAFE_INTEGER
  const value = high * TWO_TO_32 + low
  return value < Number.MIN_SAFE_INTEGER ? Number.MIN_SAFE_INTEGER : value
}
