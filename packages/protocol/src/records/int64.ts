/**
 * Reads an int64 as a number, saturated to the safe integers: what a batch carries may be anything (nanoseconds since
 * 1970 exceed 2^53), and reading a header never fails.
 */
export function readInt64(view: DataView, position: number): number {
  const high = view.getInt32(position)
  const value = high * 0x1_0000_0000 + view.getUint32(position + 4)
  if (high >= 0x20_0000) return Number.MAX_SAFE_INTEGER
  return value < Number.MIN_SAFE_INTEGER ? Number.MIN_SAFE_INTEGER : value
}

/** Writes a safe integer as an int64. */
export function writeInt64(view: DataView, position: number, value: number): void {
  view.setInt32(position, Math.floor(value / 0x1_0000_0000))
  view.setUint32(position + 4, value >>> 0)
}

/** Brings a sum of two safe integers back into their range. */
export function saturate(value: number): number {
  if (value > Number.MAX_SAFE_INTEGER) return Number.MAX_SAFE_INTEGER
  return value < Number.MIN_SAFE_INTEGER ? Number.MIN_SAFE_INTEGER : value
}
