import { Buffer } from 'node:buffer'
import { FrameReader } from '@varve/protocol'
import { describe, expect, it } from 'vitest'

interface Seen {
  readonly frames: string[]
  readonly owned: boolean[]
  readonly tooLarge: number[]
  readonly buffers: Buffer[]
}

const reading = (maxFrameBytes: number): { reader: FrameReader; seen: Seen } => {
  const seen: Seen = { frames: [], owned: [], tooLarge: [], buffers: [] }
  const reader = new FrameReader({
    maxFrameBytes,
    onFrame: (frame, owned) => {
      seen.frames.push(frame.toString())
      seen.owned.push(owned)
      seen.buffers.push(frame)
    },
    onTooLarge: sizeBytes => seen.tooLarge.push(sizeBytes),
  })
  return { reader, seen }
}

const framed = (text: string): Buffer => {
  const frame = Buffer.alloc(4 + text.length, text)
  frame.fill(text, 4)
  frame.writeInt32BE(text.length)
  return frame
}

describe('FrameReader', () => {
  it('hands over frames that lie whole in a chunk in place', () => {
    const { reader, seen } = reading(100)
    const chunk = Buffer.concat([framed('one'), framed(''), framed('three')])
    reader.push(chunk)
    expect(seen.frames).toEqual(['one', '', 'three'])
    expect(seen.owned).toEqual([false, false, false])
    expect(seen.buffers[0]?.buffer).toBe(chunk.buffer)
  })

  it('gives the same frames however the stream is cut', () => {
    const stream = Buffer.concat([framed('one'), framed('four'), framed(''), framed('nineteen')])
    for (let size = 1; size <= stream.length; size++) {
      const { reader, seen } = reading(100)
      for (let at = 0; at < stream.length; at += size) {
        const chunk = Buffer.from(stream.subarray(at, at + size))
        reader.push(chunk)
        chunk.fill(0)
      }
      const owned = seen.buffers.filter((_, index) => seen.owned[index]).map(String)
      expect(seen.frames).toEqual(['one', 'four', '', 'nineteen'])
      expect(owned).toEqual(seen.frames.filter((_, index) => seen.owned[index]))
      expect(reader.isWaiting).toBe(false)
    }
  })

  it('refuses a size below zero or above the limit, and reads nothing more', () => {
    for (const size of [-1, 101, 0x7fff_ffff]) {
      const { reader, seen } = reading(100)
      const prefix = Buffer.alloc(4)
      prefix.writeInt32BE(size)
      reader.push(Buffer.concat([prefix, framed('later')]))
      reader.push(framed('later'))
      expect(seen).toMatchObject({ frames: [], tooLarge: [size] })
    }
  })

  it('accepts a frame of just the limit', () => {
    const { reader, seen } = reading(5)
    reader.push(framed('fives'))
    expect(seen.frames).toEqual(['fives'])
  })

  it('stops in the middle of a chunk when it is told to', () => {
    const frames: string[] = []
    const reader: FrameReader = new FrameReader({
      maxFrameBytes: 100,
      onFrame: frame => {
        frames.push(frame.toString())
        reader.stop()
      },
      onTooLarge: () => undefined,
    })
    reader.push(Buffer.concat([framed('one'), framed('two')]))
    expect(frames).toEqual(['one'])
  })

  it('puts frames together in the memory that it is given, and gives it back when they were handed over', () => {
    const free: Buffer[] = []
    let taken = 0
    const seen: string[] = []
    const reader = new FrameReader({
      maxFrameBytes: 1_000_000,
      memory: {
        take: sizeBytes => {
          taken += 1
          const fits = free.findIndex(buffer => buffer.length >= sizeBytes)
          return fits === -1 ? Buffer.alloc(2 * sizeBytes) : (free.splice(fits, 1)[0] as Buffer)
        },
        give: buffer => {
          expect(free.includes(buffer)).toBe(false)
          free.push(buffer.fill(0))
        },
      },
      onFrame: (frame, owned) => {
        expect(owned).toBe(false)
        expect(free.some(({ buffer }) => buffer === frame.buffer)).toBe(false)
        seen.push(frame.toString())
      },
      onTooLarge: () => undefined,
    })
    const texts = ['one', 'x'.repeat(100_000), 'y'.repeat(20_000), 'z'.repeat(100_000)]
    const stream = Buffer.concat(texts.map(framed))
    for (let at = 0; at < stream.length; at += 1_000) reader.push(stream.subarray(at, at + 1_000))
    expect(seen).toEqual(texts)
    expect(taken).toBeGreaterThan(0)
    const before = taken
    const held = free.length
    for (let at = 0; at < stream.length; at += 1_000) reader.push(stream.subarray(at, at + 1_000))
    expect([taken > before, free.length]).toEqual([true, held])
  })

  it('takes memory by what has come, not by what a frame declares', () => {
    const before = process.memoryUsage().arrayBuffers
    const readers = Array.from({ length: 100 }, () => reading(100_000_000).reader)
    const prefix = Buffer.alloc(4)
    prefix.writeInt32BE(100_000_000)
    for (const reader of readers) reader.push(Buffer.concat([prefix, Buffer.alloc(10)]))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000)
    expect(readers.every(reader => reader.isWaiting)).toBe(true)
  })
})
