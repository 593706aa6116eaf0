import { describe, expect, it } from 'vitest'
import { xxhash32 } from '../../../../../packages/protocol/src/records/codecs/xxhash32.ts'

describe('xxhash32', () => {
  it('gives the known hashes for seed 0', () => {
    const known: readonly (readonly [string, number])[] = [
      ['', 0x02cc5d05],
      ['a', 0x550d7456],
      ['abc', 0x32d153ff],
      ['Nobody inspects the spammish repetition', 0xe2293b2f],
    ]
    for (const [text, hash] of known) expect(xxhash32(Buffer.from(text))).toBe(hash)
  })
})
