/**
 * The raw Snappy format: the length of the output as a varint, then literals and copies. Written anew because `snappyjs` may
 * loop without end over hostile input, and does not notice an output that is too short or too long.
 */

/** A copy of three bytes gives 64, so no output is more than 22 times the input. */
const RATIO_MAX = 22
/** A literal this long is left to the engine's own copying; a shorter one is quicker byte by byte. */
const LONG_COPY_BYTES = 32

/** The declared size of the output; undefined if the bytes cannot begin a Snappy block, or cannot give that much. */
export function snappyOutputBytes(source: Uint8Array): number | undefined {
  const header = readLength(source)
  if (header === undefined || header.outputBytes > source.length * RATIO_MAX) return undefined
  return header.outputBytes
}

/** Decompresses a block into `target`, which has exactly the size that `snappyOutputBytes` gave; false if it is corrupt. */
export function decompressSnappyBlock(source: Uint8Array, target: Uint8Array): boolean {
  const header = readLength(source)
  if (header === undefined) return false
  let position = header.sizeBytes
  let at = 0
  while (position < source.length) {
    const tag = source[position++]!
    const kind = tag & 3
    if (kind === 0) {
      let length = (tag >>> 2) + 1
      if (length > 60) {
        const lengthBytes = length - 60
        if (lengthBytes > source.length - position) return false
        length = readLittleEndian(source, position, lengthBytes) + 1
        position += lengthBytes
      }
      if (length > source.length - position || length > target.length - at) return false
      if (length < LONG_COPY_BYTES) {
        for (const end = at + length; at < end; ) target[at++] = source[position++]!
        continue
      }
      target.set(source.subarray(position, position + length), at)
      position += length
      at += length
      continue
    }
    const offsetBytes = kind === 3 ? 4 : kind
    if (offsetBytes > source.length - position) return false
    const low = readLittleEndian(source, position, offsetBytes)
    const offset = kind === 1 ? low + ((tag >>> 5) << 8) : low
    const length = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
    position += offsetBytes
    if (offset === 0 || offset > at || length > target.length - at) return false
    // Byte by byte: a copy may overlap what it writes.
    for (const end = at + length; at < end; at++) target[at] = target[at - offset]!
  }
  return at === target.length
}

function readLength(
  source: Uint8Array,
): { readonly outputBytes: number; readonly sizeBytes: number } | undefined {
  let outputBytes = 0
  for (let index = 0; index < 5; index++) {
    const byte = source[index]
    if (byte === undefined) return undefined
    outputBytes += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { outputBytes, sizeBytes: index + 1 }
  }
  return undefined
}

function readLittleEndian(source: Uint8Array, position: number, count: number): number {
  let value = 0
  for (let index = count - 1; index >= 0; index--) value = value * 256 + source[position + index]!
  return value
}
