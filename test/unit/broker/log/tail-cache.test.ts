import { describe, expect, it } from 'vitest'
import { Tail, type TailBlock, TailCache } from '../../../../packages/broker/src/log/tail-cache.ts'

const BLOCK_BYTES = 50_000

/** A tail that is given one batch after another, each of one record. */
function given(maxBytes: number) {
  const cache = new TailCache(maxBytes)
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
  const block = () => tail.charge(Buffer.alloc(BLOCK_BYTES), BLOCK_BYTES)
  return { cache, tail, add, block, endOffset: () => offset }
}

describe('Tail', () => {
  it('lets the oldest batches go when large ones stand between the small ones of a chunk', () => {
    const { cache, tail, add, block, endOffset } = given(8 * BLOCK_BYTES)
    for (let round = 0; round < 100; round++) {
      const chunk = block()
      add(chunk, 0, 100)
      add(block(), 0, BLOCK_BYTES)
      add(chunk, 100, 100)
    }
    expect(cache.sizeBytes).toBeLessThanOrEqual(8 * BLOCK_BYTES)
    expect(endOffset() - (tail.startOffset ?? 0)).toBeLessThan(15)
    const offset = endOffset() - 5
    const read = tail.read({
      offset,
      endOffset: endOffset(),
      maxBytes: 1_000_000,
      firstBatchWhole: true,
    })
    expect(read?.sizeBytes).toBe(2 * BLOCK_BYTES + 300)
  })
})
