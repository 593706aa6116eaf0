import { describe, expect, it } from 'vitest'
import {
  nativeSnappyBlocks,
  portableSnappyBlocks,
} from '../../../../packages/protocol/src/node/snappy.ts'

const native = nativeSnappyBlocks()!
const portable = portableSnappyBlocks()
const text = Buffer.from('The quick brown fox jumps over the lazy dog. '.repeat(40))

describe('Snappy blocks', () => {
  it('are the same thing from either side', () => {
    for (const [writer, reader] of [
      [native, portable],
      [portable, native],
    ] as const) {
      const block = writer.compress(text)
      expect(block.length).toBeLessThan(200)
      expect(text.equals(reader.decompress(block, text.length)!)).toBe(true)
    }
  })

  it('are nothing when they are corrupt', () => {
    const block = Buffer.from(native.compress(text))
    block[3] = 0xff
    for (const reader of [native, portable])
      expect(reader.decompress(block.subarray(0, 9), text.length)).toBeUndefined()
  })
})
