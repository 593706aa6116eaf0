const SEED = 0x9747_b28c
const M = 0x5bd1_e995
const R = 24

/** MurmurHash2 as the Java client computes it, as a signed 32-bit number: what decides the partition of a key. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length
  const wholeWords = length & ~3
  let hash = SEED ^ length
  for (let at = 0; at < wholeWords; at += 4) {
    let word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    word = Math.imul(word, M)
    word ^= word >>> R
    word = Math.imul(word, M)
    hash = Math.imul(hash, M) ^ word
  }
  const rest = length - wholeWords
  if (rest > 0) {
    if (rest > 2) hash ^= (bytes[wholeWords + 2] as number) << 16
    if (rest > 1) hash ^= (bytes[wholeWords + 1] as number) << 8
    hash = Math.imul(hash ^ (bytes[wholeWords] as number), M)
  }
  hash ^= hash >>> 13
  hash = Math.imul(hash, M)
  return hash ^ (hash >>> 15)
}

/** The partition that every Kafka client with the Java client's default sends this key to. */
export function partitionOfKey(key: Uint8Array, partitionsCount: number): number {
  return (murmur2(key) & 0x7fff_ffff) % partitionsCount
}
