import { describe, expect, it } from 'vitest'
import { AppendChunk } from '../../../../packages/broker/src/log/append-chunk.ts'
import { Tail, TailCache } from '../../../../packages/broker/src/log/tail-cache.ts'
import { MemoryClock } from '../../../../packages/broker/src/memory/clock.ts'

const KIBIBYTE = 1024

function given(cacheBytes = 100 * KIBIBYTE * KIBIBYTE) {
  const cache = new TailCache(cacheBytes)
  const clock = new MemoryClock({ now: 0 })
  const chunk = new AppendChunk(cache, new Tail(cache), clock)
  const keep = (bytes: Uint8Array, ownership: 'borrowed' | 'owned' = 'borrowed') => {
    const { block, start } = chunk.keep(bytes, ownership)
    return { block, start, content: block.buffer.subarray(start, start + bytes.length) }
  }
  return { cache, clock, chunk, keep }
}

describe('an append chunk', () => {
  it('copies small batches one after another into one buffer', () => {
    const { keep } = given()
    const borrowed = Buffer.from('first')
    const first = keep(borrowed)
    const second = keep(Buffer.from('second'))
    borrowed.fill(0)
    expect([first.content.toString(), second.content.toString()]).toEqual(['first', 'second'])
    expect(second.block).toBe(first.block)
    expect([first.start, second.start]).toEqual([0, 5])
  })

  it('never writes over what it has given a place to', () => {
    const { keep } = given()
    const kept = Array.from({ length: 200 }, (_, index) => keep(Buffer.alloc(100, index)))
    for (const [index, { content }] of kept.entries())
      expect(content.equals(Buffer.alloc(100, index))).toBe(true)
  })

  it('copies a small batch even of its own, so as not to hold its frame', () => {
    const { keep } = given()
    const owned = Buffer.alloc(100, 7)
    expect(keep(owned, 'owned').block.buffer.buffer).not.toBe(owned.buffer)
  })

  it('keeps a large batch where it is when its frame is ours, and copies it when it is borrowed', () => {
    const { keep, cache } = given()
    const frame = Buffer.allocUnsafeSlow(40 * KIBIBYTE).fill(7)
    const batch = frame.subarray(100, 100 + 32 * KIBIBYTE)
    const owned = keep(batch, 'owned')
    expect([owned.start, owned.block.buffer.buffer === frame.buffer]).toEqual([0, true])
    expect(cache.sizeBytes).toBe(batch.length)
    const borrowed = keep(batch)
    frame.fill(0)
    expect(borrowed.content.equals(Buffer.alloc(batch.length, 7))).toBe(true)
  })

  it('copies a large batch out of a frame that is much larger still', () => {
    const { keep } = given()
    const frame = Buffer.allocUnsafeSlow(4 * 32 * KIBIBYTE + 1)
    const batch = frame.subarray(0, 32 * KIBIBYTE)
    expect(keep(batch, 'owned').block.buffer.buffer).not.toBe(frame.buffer)
  })

  it('asks for larger buffers while they fill quickly, up to a limit', () => {
    const { keep } = given()
    const sizes = new Set<number>()
    for (let index = 0; index < 2_000; index++)
      sizes.add(keep(Buffer.alloc(1_000)).block.buffer.length / KIBIBYTE)
    expect([...sizes]).toEqual([4, 8, 16, 32, 64, 128, 256])
  })

  it('keeps its size when a buffer lasts some seconds, and begins small again after half a minute', () => {
    const { keep, clock } = given()
    const fill = (): number => {
      const first = keep(Buffer.alloc(10)).block
      for (;;) {
        const { block } = keep(Buffer.alloc(1_000))
        if (block !== first) return block.buffer.length / KIBIBYTE
      }
    }
    fill()
    expect(fill()).toBe(16)
    clock.advance(5_000)
    expect(fill()).toBe(16)
    clock.advance(31_000)
    expect(fill()).toBe(4)
  })

  it('makes a buffer of its own for a batch that is larger than the next one would be', () => {
    const { keep } = given()
    expect(keep(Buffer.alloc(20_000)).block.buffer.length).toBe(20_000)
  })

  it('adds nothing to a buffer that the cache has let go of', () => {
    const { keep, cache } = given(8 * KIBIBYTE)
    const first = keep(Buffer.alloc(10))
    cache.charge(new Tail(cache), Buffer.alloc(8 * KIBIBYTE), 8 * KIBIBYTE)
    expect(first.block.isEvicted).toBe(true)
    const second = keep(Buffer.from('second'))
    expect(second.block).not.toBe(first.block)
    expect([second.start, second.block.buffer.length]).toEqual([0, 4 * KIBIBYTE])
  })

  it('gives its buffer back at the end, and begins anew if it is used again', () => {
    const { keep, cache, chunk } = given()
    const first = keep(Buffer.alloc(10))
    chunk.release()
    expect([cache.sizeBytes, first.block.isEvicted]).toEqual([0, true])
    chunk.release()
    expect(keep(Buffer.alloc(10)).block).not.toBe(first.block)
  })
})
