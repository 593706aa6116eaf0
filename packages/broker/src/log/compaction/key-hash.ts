/**
 * SipHash-2-4 with a result of 128 bits and a secret key of 128 bits, drawn anew for each cleaning. Two different keys of records with the
 * same hash would be taken for one, and one of their records would be lost. Nobody who does not know the secret can make such keys (that is
 * what SipHash promises), and by chance it happens with a probability of n * n / 2^129: for ten million keys 1.5e-25, far below that of
 * a bit that flips in memory unnoticed.
 */
export class KeyHash {
  readonly #key: Int32Array
  /** The four words of the last hash. */
  word0 = 0
  word1 = 0
  word2 = 0
  word3 = 0

  /** `secret`: 16 bytes. */
  constructor(secret: Uint8Array) {
    const view = new DataView(secret.buffer, secret.byteOffset, 16)
    this.#key = Int32Array.from([0, 4, 8, 12], at => view.getInt32(at, true))
  }

  /** Hashes `length` bytes from `start` on, into the four words. */
  // oxlint-disable-next-line max-lines-per-function -- the words of the state stay in local variables, which is what makes it fast
  hash(bytes: Uint8Array, start: number, length: number): void {
    const key = this.#key
    // 64-bit words as a low and a high half.
    let v0l = key[0]! ^ 0x70736575
    let v0h = key[1]! ^ 0x736f6d65
    let v1l = key[2]! ^ 0x6e646f6d ^ 0xee
    let v1h = key[3]! ^ 0x646f7261
    let v2l = key[0]! ^ 0x6e657261
    let v2h = key[1]! ^ 0x6c796765
    let v3l = key[2]! ^ 0x79746573
    let v3h = key[3]! ^ 0x74656462
    const wholeWords = length >>> 3
    const inputRounds = (wholeWords + 1) * 2
    const end = start + length
    let at = start
    let low = 0
    let high = 0
    for (let round = 0; round < inputRounds + 8; round++) {
      if (round < inputRounds) {
        if ((round & 1) === 0) {
          if (at + 8 <= end) {
            low =
              bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
            high =
              bytes[at + 4]! |
              (bytes[at + 5]! << 8) |
              (bytes[at + 6]! << 16) |
              (bytes[at + 7]! << 24)
            at += 8
          } else {
            // The last word: the rest of the bytes, and the length in the highest byte.
            low = 0
            high = length << 24
            for (let rest = 0; at < end; at++, rest++) {
              if (rest < 4) low |= bytes[at]! << (8 * rest)
              else high |= bytes[at]! << (8 * (rest - 4))
            }
          }
          v3l ^= low
          v3h ^= high
        }
      } else if (round === inputRounds) v2l ^= 0xee
      else if (round === inputRounds + 4) {
        this.word0 = v0l ^ v1l ^ v2l ^ v3l
        this.word1 = v0h ^ v1h ^ v2h ^ v3h
        v1l ^= 0xdd
      }
      let sum = (v0l >>> 0) + (v1l >>> 0)
      v0h = (v0h + v1h + (sum > 0xffff_ffff ? 1 : 0)) | 0
      v0l = sum | 0
      let swap = (v1l << 13) | (v1h >>> 19)
      v1h = ((v1h << 13) | (v1l >>> 19)) ^ v0h
      v1l = swap ^ v0l
      swap = v0l
      v0l = v0h
      v0h = swap
      sum = (v2l >>> 0) + (v3l >>> 0)
      v2h = (v2h + v3h + (sum > 0xffff_ffff ? 1 : 0)) | 0
      v2l = sum | 0
      swap = (v3l << 16) | (v3h >>> 16)
      v3h = ((v3h << 16) | (v3l >>> 16)) ^ v2h
      v3l = swap ^ v2l
      sum = (v0l >>> 0) + (v3l >>> 0)
      v0h = (v0h + v3h + (sum > 0xffff_ffff ? 1 : 0)) | 0
      v0l = sum | 0
      swap = (v3l << 21) | (v3h >>> 11)
      v3h = ((v3h << 21) | (v3l >>> 11)) ^ v0h
      v3l = swap ^ v0l
      sum = (v2l >>> 0) + (v1l >>> 0)
      v2h = (v2h + v1h + (sum > 0xffff_ffff ? 1 : 0)) | 0
      v2l = sum | 0
      swap = (v1l << 17) | (v1h >>> 15)
      v1h = ((v1h << 17) | (v1l >>> 15)) ^ v2h
      v1l = swap ^ v2l
      swap = v2l
      v2l = v2h
      v2h = swap
      if (round < inputRounds && (round & 1) === 1) {
        v0l ^= low
        v0h ^= high
      }
    }
    this.word2 = v0l ^ v1l ^ v2l ^ v3l
    this.word3 = v0h ^ v1h ^ v2h ^ v3h
  }
}
