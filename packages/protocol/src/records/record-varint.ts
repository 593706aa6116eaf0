/** The bytes that `value` takes as a signed 32-bit varint. */
export function varintBytes(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  if (zigzag < 0x80) return 1
  if (zigzag < 0x4000) return 2
  if (zigzag < 0x20_0000) return 3
  return zigzag < 0x1000_0000 ? 4 : 5
}

/** The bytes that a safe integer takes as a signed 64-bit varint. */
export function varlongBytes(value: number): number {
  if (value === (value | 0)) return varintBytes(value)
  let half = Math.floor((value < 0 ? -value - 1 : value) / 64)
  let bytes = 1
  while (half > 0) {
    half = Math.floor(half / 128)
    bytes++
  }
  return bytes
}

/** Writes a signed 32-bit varint and returns the position after it. */
export function writeVarint(bytes: Uint8Array, position: number, value: number): number {
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  let at = position
  while (zigzag >= 0x80) {
    bytes[at++] = zigzag | 0x80
    zigzag >>>= 7
  }
  bytes[at++] = zigzag
  return at
}

/** Writes a safe integer as a signed 64-bit varint and returns the position after it. */
export function writeVarlong(bytes: Uint8Array, position: number, value: number): number {
  if (value === (value | 0)) return writeVarint(bytes, position, value)
  // Zig-zag would need 54 bits, one more than a double has: the lowest one is kept apart.
  const isNegative = value < 0
  const half = isNegative ? -value - 1 : value
  let rest = Math.floor(half / 64)
  let low = ((half % 64) << 1) | (isNegative ? 1 : 0)
  let at = position
  while (rest > 0) {
    bytes[at++] = low | 0x80
    low = rest % 128
    rest = Math.floor(rest / 128)
  }
  bytes[at++] = low
  return at
}
