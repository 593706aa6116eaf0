import { describe, expect, it } from 'vitest'
import { nativeLz4Blocks } from '../../../../packages/protocol/src/node/lz4.ts'
import { portableLz4Blocks } from '../../../../packages/protocol/src/records/codecs/lz4-frame.ts'

const native = nativeLz4Blocks()!
const portable = portableLz4Blocks()
const text = Buffer.from('The quick brown fox jumps over the lazy dog. '.repeat(40))

describe('native LZ4 blocks', () => {
  it('are the blocks that the portable codec reads and writes', () => {
    for (const [writer, reader] of [
      [native, portable],
      [portable, native],
      [native, native],
    ] as const) {
      const block = Buffer.from(writer.compress(text)!)
      const target = Buffer.alloc(text.length + 10)
      expect(reader.decompress(block, text.length, target, 5)).toBe(true)
      expect(target.subarray(5, 5 + text.length).equals(text)).toBe(true)
    }
  })

  it('refuse a block that gives another size, or reaches back too far', () => {
    const block = Buffer.from(native.compress(text)!)
    const target = Buffer.alloc(text.length + 10)
    expect(native.decompress(block, text.length - 1, target, 0)).toBe(false)
    expect(native.decompress(block, text.length + 1, target, 0)).toBe(false)
    expect(native.decompress(Buffer.from('1061ff00305858'.concat('58'), 'hex'), 8, target, 0)).toBe(
      false,
    )
  })
})
