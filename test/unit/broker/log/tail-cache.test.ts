import { describe, expect, it } from 'vitest'
import type { TailBlock } from '../../../../packages/broker/src/log/tail-block.ts'
import { Tail, TailCache } from '../../../../packages/broker/src/log/tail-cache.ts'

const BLOCK_BYTES = 65_536

/** A tail that is given one batch after another, each of one record. */
function given(maxBytes: number, cache: TailCache = new TailCache(maxBytes)) {
  const tail = new Tail(cache)
  let offset = 0
  const add = (block: TailBlock, start: number, sizeBytes: number) => {
    block.view.setBigInt64(start, BigInt(offset))
    block.view.setInt32(start + 8, sizeBytes - 12)
    block.view.setInt32(start + 23, 0)
    const place = { start, end: start + sizeBytes, baseOffset: offset, endOffset: offset + 1 }
    tail.add(block, place)
    offset++
  }
  /** A block that is full of one batch. */
  const fill = (): TailBlock => {
    const block = tail.charge(BLOCK_BYTES)
    add(block, 0, BLOCK_BYTES)
    return block
  }
  const read = (from: number, maxBytes = 1_000_000) =>
    tail.read({ offset: from, endOffset: offset, maxBytes, firstBatchWhole: true })
  return { cache, tail, add, fill, read, endOffset: () => offset }
}

describe('Tail', () => {
  it('lets the oldest batches go, and the blocks of all tails stay within the budget', () => {
    const one = given(8 * BLOCK_BYTES)
    const other = given(0, one.cache)
    for (let round = 0; round < 100; round++) {
      one.fill()
      other.fill()
      expect(one.cache.sizeBytes).toBeLessThanOrEqual(8 * BLOCK_BYTES)
    }
    expect([one.tail.startOffset, other.tail.startOffset]).toEqual([96, 96])
    expect(one.read(95)).toBeUndefined()
    expect(one.read(96)?.sizeBytes).toBe(4 * BLOCK_BYTES)
  })

  it('forgets what compaction has written anew, and gives back the blocks of that', () => {
    const { tail, cache, add, fill, read } = given(8 * BLOCK_BYTES)
    fill()
    const block = tail.charge(BLOCK_BYTES)
    for (let index = 0; index < 4; index++) add(block, index * 100, 100)
    tail.forgetBelow(3)
    expect([tail.startOffset, cache.sizeBytes]).toEqual([3, BLOCK_BYTES])
    expect([read(2), read(3)?.sizeBytes, read(4)?.sizeBytes]).toEqual([undefined, 200, 100])
    tail.forgetBelow(5)
    expect([tail.startOffset, cache.sizeBytes]).toEqual([undefined, 0])
  })

  it('uses a buffer again once the cache let go of it, and not before', () => {
    const { fill } = given(2 * BLOCK_BYTES)
    const buffers = Array.from({ length: 6 }, () => fill().buffer)
    expect(buffers.map(buffer => buffers.indexOf(buffer))).toEqual([0, 1, 0, 1, 0, 1])
  })

  it('leaves the bytes of a read alone until they are released, however slow the reader', () => {
    const { fill, read, cache } = given(3 * BLOCK_BYTES)
    const { buffer } = fill()
    const slow = read(0)
    const before = Buffer.concat(slow?.parts ?? [])
    const later = Array.from({ length: 10 }, (_, round) => {
      const block = fill()
      block.buffer.fill(round, 61)
      return block
    })
    expect(later.some(block => block.buffer === buffer)).toBe(false)
    expect(Buffer.concat(slow?.parts ?? []).equals(before)).toBe(true)
    for (const block of later) cache.release(block)
    slow?.release?.()
    slow?.release?.()
    const next = [fill(), fill(), fill(), fill()]
    expect(next.filter(block => block.buffer === buffer).length).toBeLessThan(2)
  })

  it('holds every block that a read takes from, and none that it does not', () => {
    const { fill, read, cache } = given(8 * BLOCK_BYTES)
    const blocks = [fill(), fill(), fill(), fill()]
    const result = read(1, 2 * BLOCK_BYTES)
    expect(result?.sizeBytes).toBe(2 * BLOCK_BYTES)
    for (const block of blocks) cache.release(block)
    expect(() => blocks[0]?.hold()).toThrow('L8')
    expect(() => blocks[1]?.hold()).not.toThrow()
    expect(() => blocks[2]?.hold()).not.toThrow()
    expect(() => blocks[3]?.hold()).toThrow('L8')
  })

  it('holds nothing for a reader that is at the end', () => {
    const { fill, read } = given(8 * BLOCK_BYTES)
    fill()
    expect(read(1)).toEqual({ parts: [], sizeBytes: 0 })
  })

  it('gives the memory of a closed log to the others', () => {
    const one = given(2 * BLOCK_BYTES)
    const kept = [one.fill().buffer, one.fill().buffer]
    one.tail.clear()
    expect(one.cache.sizeBytes).toBe(0)
    const other = given(0, one.cache)
    const again = [other.fill().buffer, other.fill().buffer]
    expect(kept.every(buffer => again.includes(buffer))).toBe(true)
  })

  it('has room for one block whatever the budget', () => {
    const { fill, read, cache } = given(0)
    fill()
    fill()
    expect([cache.sizeBytes, read(0), read(1)?.sizeBytes]).toEqual([
      BLOCK_BYTES,
      undefined,
      BLOCK_BYTES,
    ])
  })
})
