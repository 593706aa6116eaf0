import { describe, expect, it } from 'vitest'
import { portableSnappyBlocks } from '../../../../../packages/protocol/src/node/snappy.ts'
import {
  compressSnappy,
  decompressSnappy,
} from '../../../../../packages/protocol/src/records/codecs/snappy-framing.ts'

const blocks = portableSnappyBlocks()
const read = (bytes: Uint8Array) =>
  Buffer.from(decompressSnappy(bytes, blocks, 1_000_000)).toString()

describe('the framing of Snappy', () => {
  it('writes the header and the chunks of snappy-java', () => {
    const bytes = Buffer.from(compressSnappy(Buffer.alloc(70_000, 97), blocks, 'xerial'))
    expect(bytes.subarray(0, 16).toString('hex')).toBe('82534e41505059000000000100000001')
    let chunks = 0
    for (let position = 16; position < bytes.length; position += 4 + bytes.readInt32BE(position))
      chunks++
    expect(chunks).toBe(3)
    expect(read(bytes)).toBe('a'.repeat(70_000))
  })

  it('reads streams that were put one behind the other', () => {
    const one = compressSnappy(Buffer.from('one '), blocks, 'xerial')
    const two = compressSnappy(Buffer.from('two'), blocks, 'xerial')
    expect(read(Buffer.concat([one, two]))).toBe('one two')
  })

  it('reads a raw block', () => {
    expect(read(compressSnappy(Buffer.from('plain'), blocks, 'raw'))).toBe('plain')
  })

  it('refuses chunks that are cut off or negative', () => {
    const bytes = Buffer.from(compressSnappy(Buffer.from('hello'), blocks, 'xerial'))
    for (let length = 17; length < bytes.length; length++) {
      expect(() => read(bytes.subarray(0, length))).toThrow('cannot be read')
    }
    bytes.writeInt32BE(-1, 16)
    expect(() => read(bytes)).toThrow('cannot be read')
  })
})
