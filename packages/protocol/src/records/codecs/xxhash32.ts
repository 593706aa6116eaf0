import { viewOf } from '../record-batch.ts'

const PRIME_1 = 0x9e3779b1
const PRIME_2 = 0x85ebca77
const PRIME_3 = 0xc2b2ae3d
const PRIME_4 = 0x27d4eb2f
const PRIME_5 = 0x165667b1

/** The 32-bit xxHash with seed 0, which the LZ4 frame format uses for its checksums. */
export function xxhash32(bytes: Uint8Array): number {
  const view = viewOf(bytes)
  const { length } = bytes
  let position = 0
  let hash = PRIME_5
  if (length >= 16) {
    let first = (PRIME_1 + PRIME_2) | 0
    let second = PRIME_2 | 0
    let third = 0
    let fourth = -PRIME_1 | 0
    for (; position <= length - 16; position += 16) {
      first = round(first, view.getUint32(position, true))
      second = round(second, view.getUint32(position + 4, true))
      third = round(third, view.getUint32(position + 8, true))
      fourth = round(fourth, view.getUint32(position + 12, true))
    }
    hash = rotate(first, 1) + rotate(second, 7) + rotate(third, 12) + rotate(fourth, 18)
  }
  hash = (hash + length) | 0
  for (; position <= length - 4; position += 4) {
    hash = Math.imul(rotate(hash + Math.imul(view.getUint32(position, true), PRIME_3), 17), PRIME_4)
  }
  for (; position < length; position++) {
    hash = Math.imul(rotate(hash + Math.imul(view.getUint8(position), PRIME_5), 11), PRIME_1)
  }
  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2)
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3)
  return (hash ^ (hash >>> 16)) >>> 0
}

function round(lane: number, word: number): number {
  return Math.imul(rotate(lane + Math.imul(word, PRIME_2), 13), PRIME_1)
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}
