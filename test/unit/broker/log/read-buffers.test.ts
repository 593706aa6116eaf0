import { describe, expect, it } from 'vitest'
import { ReadBuffers } from '../../../../packages/broker/src/log/read-buffers.ts'

const KIBIBYTE = 1024
const MEBIBYTE = 1024 * KIBIBYTE

describe('buffers for reads', () => {
  it('are as large as asked for, in powers of two', () => {
    const buffers = new ReadBuffers()
    const sizes = [0, 1, 16 * KIBIBYTE, 16 * KIBIBYTE + 1, 2 * MEBIBYTE].map(
      size => buffers.take(size).bytes.length / KIBIBYTE,
    )
    expect(sizes).toEqual([16, 16, 16, 32, 2048])
  })

  it('are used again once they were given back, and not before', () => {
    const buffers = new ReadBuffers()
    const first = buffers.take(100)
    const second = buffers.take(100)
    expect(second.bytes === first.bytes).toBe(false)
    first.release()
    expect(buffers.take(5_000).bytes === first.bytes).toBe(true)
    expect(buffers.take(5_000).bytes === first.bytes).toBe(false)
  })

  it('are given to one only, though they were given back twice', () => {
    const buffers = new ReadBuffers()
    const first = buffers.take(100)
    first.release()
    first.release()
    const second = buffers.take(100)
    first.release()
    expect(buffers.take(100).bytes === second.bytes).toBe(false)
  })

  it('are for one read when they are very large', () => {
    const buffers = new ReadBuffers()
    const large = buffers.take(2 * MEBIBYTE + 1)
    expect(large.bytes.length).toBe(2 * MEBIBYTE + 1)
    large.release()
    expect(buffers.take(2 * MEBIBYTE + 1).bytes === large.bytes).toBe(false)
  })

  it('are kept up to a limit over all sizes', () => {
    const buffers = new ReadBuffers()
    const taken = Array.from({ length: 9 }, () => buffers.take(2 * MEBIBYTE))
    for (const { release } of taken) release()
    const known = new Set(taken.map(({ bytes }) => bytes))
    const again = Array.from({ length: 9 }, () => buffers.take(2 * MEBIBYTE))
    expect(again.filter(({ bytes }) => known.has(bytes)).length).toBe(8)
  })
})
