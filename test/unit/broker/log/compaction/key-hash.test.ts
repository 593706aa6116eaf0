import { expect, it } from 'vitest'
import { KeyHash } from '../../../../../packages/broker/src/log/compaction/key-hash.ts'

const secret = Uint8Array.from({ length: 16 }, (_, index) => index)

function hashOf(bytes: Uint8Array, start = 0, length = bytes.length): string {
  const hash = new KeyHash(secret)
  hash.hash(bytes, start, length)
  const result = Buffer.alloc(16)
  for (const [index, word] of [hash.word0, hash.word1, hash.word2, hash.word3].entries())
    result.writeInt32LE(word, index * 4)
  return result.toString('hex')
}

it('is SipHash-2-4 with 128 bits: what OpenSSL gives for the same key and bytes', () => {
  const bytes = Uint8Array.from({ length: 64 }, (_, index) => index)
  expect(hashOf(bytes, 0, 0)).toBe('a3817f04ba25a8e66df67214c7550293')
  expect(hashOf(bytes, 0, 1)).toBe('da87c1d86b99af44347659119b22fc45')
  expect(hashOf(bytes, 0, 2)).toBe('8177228da4a45dc7fca38bdef60affe4')
})

it('takes all bytes of a key into account, and none beside it', () => {
  const hashes = new Set<string>()
  for (let length = 0; length < 40; length++) hashes.add(hashOf(Buffer.alloc(length)))
  for (let at = 0; at < 40; at++) {
    const bytes = Buffer.alloc(40)
    bytes[at] = 0x80
    hashes.add(hashOf(bytes))
  }
  expect(hashes.size).toBe(80)
  expect(hashOf(Buffer.from('xxkeyyy'), 2, 3)).toBe(hashOf(Buffer.from('key')))
})
