/**
 * The LZ4 block format: sequences of a token, literals, and a match that copies from at most 65,535 bytes back. The token's
 * halves are the two lengths, 15 meaning that more bytes follow; the last sequence has literals only.
 */
import { viewOf } from '../record-batch.ts'

/** The most that is compressed as one block: then positions fit 16 bits. */
export const LZ4_BLOCK_BYTES_MAX = 65_536

const MATCH_BYTES_MIN = 4
/** The last five bytes of a block are always literals, and no match begins in its last twelve: the format's own rule. */
const LAST_LITERALS = 5
const NO_MATCH_AFTER = 12
const HASH_BITS = 13
/** A copy this long is left to the engine's own copying; a shorter one is quicker byte by byte. */
const LONG_COPY_BYTES = 32

/** The memory a compressor works in: keep one and give it each time. */
export function lz4HashTable(): Uint16Array {
  return new Uint16Array(1 << HASH_BITS)
}

/** Compresses `source`, at most 64 KiB, into `target` and returns the bytes written; undefined if `target` is too small for them. */
export function compressLz4Block(
  source: Uint8Array,
  target: Uint8Array,
  table: Uint16Array,
): number | undefined {
  const view = viewOf(source)
  const matchEnd = source.length - LAST_LITERALS
  const lastStart = source.length - NO_MATCH_AFTER
  table.fill(0)
  let at = 0
  let anchor = 0
  let position = 1
  // The stride grows where nothing matches, so that incompressible data is passed over quickly.
  let misses = 64
  while (position <= lastStart) {
    const word = view.getUint32(position, true)
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS)
    // An empty slot means position 0, which is as good a guess as any: the comparison decides.
    let candidate = table[slot]!
    table[slot] = position
    if (view.getUint32(candidate, true) !== word) {
      position += misses++ >>> 6
      continue
    }
    misses = 64
    let length = matchLength(view, candidate, position, matchEnd)
    while (candidate > 0 && position > anchor && source[candidate - 1] === source[position - 1]) {
      candidate--
      position--
      length++
    }
    const literals = position - anchor
    if (at + literals + literals / 255 + length / 255 + 6 > target.length) return undefined
    const token = at++
    at = writeLiterals(source, anchor, target, { at, token, literals })
    const offset = position - candidate
    target[at++] = offset & 0xff
    target[at++] = offset >>> 8
    const extra = length - MATCH_BYTES_MIN
    target[token]! |= Math.min(extra, 15)
    if (extra >= 15) at = writeExtra(target, at, extra - 15)
    position += length
    anchor = position
  }
  const literals = source.length - anchor
  if (at + literals + literals / 255 + 2 > target.length) return undefined
  const token = at++
  return writeLiterals(source, anchor, target, { at, token, literals })
}

function matchLength(view: DataView, candidate: number, position: number, end: number): number {
  let length = MATCH_BYTES_MIN
  while (
    position + length + 4 <= end &&
    view.getUint32(candidate + length) === view.getUint32(position + length)
  ) {
    length += 4
  }
  while (
    position + length < end &&
    view.getUint8(candidate + length) === view.getUint8(position + length)
  ) {
    length++
  }
  return length
}

function writeLiterals(
  source: Uint8Array,
  start: number,
  target: Uint8Array,
  sequence: { readonly at: number; readonly token: number; readonly literals: number },
): number {
  const { token, literals } = sequence
  let at = sequence.at
  target[token] = Math.min(literals, 15) << 4
  if (literals >= 15) at = writeExtra(target, at, literals - 15)
  if (literals < LONG_COPY_BYTES) {
    for (let index = 0; index < literals; index++) target[at + index] = source[start + index]!
  } else {
    target.set(source.subarray(start, start + literals), at)
  }
  return at + literals
}

function writeExtra(target: Uint8Array, position: number, length: number): number {
  let at = position
  let rest = length
  while (rest >= 255) {
    target[at++] = 255
    rest -= 255
  }
  target[at++] = rest
  return at
}

/** How many bytes a block decompresses to, found by a walk over its lengths; undefined if it is malformed. */
export function lz4BlockOutputBytes(source: Uint8Array): number | undefined {
  let position = 0
  let output = 0
  while (position < source.length) {
    const token = source[position++]!
    let literals = token >>> 4
    if (literals === 15) {
      let byte = 255
      while (byte === 255) {
        if (position >= source.length) return undefined
        byte = source[position++]!
        literals += byte
      }
    }
    position += literals
    output += literals
    if (position >= source.length) return position === source.length ? output : undefined
    position += 2
    let length = (token & 15) + MATCH_BYTES_MIN
    if ((token & 15) === 15) {
      let byte = 255
      while (byte === 255) {
        if (position >= source.length) return undefined
        byte = source[position++]!
        length += byte
      }
    }
    output += length
  }
  // A block ends with literals, if only with none of them: here it ended with a match, or has no token at all.
  return undefined
}

/**
 * Decompresses a block that `lz4BlockOutputBytes` has measured into `target` from `start` on, where it must have room.
 * Matches may reach back to `lowest`: to `start` for an independent block, further for a linked one. Returns the position after
 * the output; undefined if a match reaches too far back.
 */
export function decompressLz4Block(
  source: Uint8Array,
  target: Uint8Array,
  start: number,
  lowest: number,
): number | undefined {
  let position = 0
  let at = start
  for (;;) {
    const token = source[position++]!
    let literals = token >>> 4
    if (literals === 15) {
      let byte = 255
      while (byte === 255) {
        byte = source[position++]!
        literals += byte
      }
    }
    if (literals < LONG_COPY_BYTES) {
      for (const end = position + literals; position < end; ) target[at++] = source[position++]!
    } else {
      target.set(source.subarray(position, position + literals), at)
      position += literals
      at += literals
    }
    if (position >= source.length) return at
    const offset = source[position]! | (source[position + 1]! << 8)
    position += 2
    let length = (token & 15) + MATCH_BYTES_MIN
    if ((token & 15) === 15) {
      let byte = 255
      while (byte === 255) {
        byte = source[position++]!
        length += byte
      }
    }
    if (offset === 0 || at - offset < lowest) return undefined
    at = copyMatch(target, at, offset, length)
  }
}

/** Copies from `offset` bytes back. A match may overlap what it writes: then it repeats the last `offset` bytes. */
function copyMatch(target: Uint8Array, start: number, offset: number, length: number): number {
  const end = start + length
  if (length < LONG_COPY_BYTES) {
    for (let at = start; at < end; at++) target[at] = target[at - offset]!
    return end
  }
  if (offset === 1) {
    target.fill(target[start - 1]!, start, end)
    return end
  }
  // Doubling what is there: each copy may take all that has been written since the match's beginning.
  let at = start
  while (at < end) {
    const chunk = Math.min(end - at, at - start + offset)
    target.copyWithin(at, start - offset, start - offset + chunk)
    at += chunk
  }
  return end
}
