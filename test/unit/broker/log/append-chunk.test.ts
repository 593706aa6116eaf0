import { describe, expect, it } from 'vitest'
import { AppendChunk } from '../../../../packages/broker/src/log/append-chunk.ts'
import { Tail, TailCache } from '../../../../packages/broker/src/log/tail-cache.ts'
import { MemoryClock } from '../../../../packages/broker/src/memory/clock.ts'

const KIBIBYTE = 1024

function given(cacheBytes = 100 * KIBIBYTE * KIBIBYTE) {
  const cache = new TailCache(cacheBytes)
  const clock = new MemoryClock({ now: 0 })
  const chunk = new AppendChunk(cache, new Tail(cache), clock)
  const keep = (bytes: Uint8Array) => {
    const { block, start } = chunk.keep(bytes)
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

  it('copies large batches too, into buffers that hold several of them', () => {
    const { keep, cache } = given()
    const frame = Buffer.alloc(64 * KIBIBYTE, 7)
    const kept = Array.from({ length: 40 }, () => keep(frame))
    frame.fill(0)
    for (const { content } of kept) expect(content.equals(Buffer.alloc(frame.length, 7))).toBe(true)
    const blocks = new Set(kept.map(({ block }) => block))
    expect(blocks.size).toBeLessThan(12)
    expect(cache.sizeBytes).toBe([...blocks].reduce((sum, block) => sum + block.chargedBytes, 0))
  })

  it('holds the buffer for each batch that it gives a place to', () => {
    const { keep, cache } = given()
    const { block } = keep(Buffer.alloc(100))
    keep(Buffer.alloc(100))
    cache.release(block)
    block.letGo()
    block.letGo()
    expect(() => block.letGo()).toThrow('L8')
  })

  it('asks for larger buffers while they fill quickly, up to a limit', () => {
    const { keep } = given()
    const sizes = new Set<number>()
    for (let index = 0; index < 5_000; index++)
      sizes.add(keep(Buffer.alloc(1_000)).block.buffer.length / KIBIBYTE)
    expect([...sizes]).toEqual([4, 8, 16, 32, 64, 128, 256, 512, 1024])
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
    expect(keep(Buffer.alloc(20_000)).block.buffer.length).toBe(32 * KIBIBYTE)
  })

  it('adds nothing to a buffer that the cache has let go of', () => {
    const { keep, cache } = given(8 * KIBIBYTE)
    const first = keep(Buffer.alloc(10))
    cache.charge(new Tail(cache), 8 * KIBIBYTE)
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
