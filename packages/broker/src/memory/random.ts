import type { Random } from '../world.ts'

/** The same numbers for the same seed (mulberry32): good enough to spread, useless to hide anything. */
export function memoryRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return {
    bytes: size => Uint8Array.from({ length: size }, () => next() & 0xff),
    below: bound => Math.floor((next() / 2 ** 32) * bound),
  }
}
