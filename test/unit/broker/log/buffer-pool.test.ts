import { describe, expect, it } from 'vitest'
import { BufferPool } from '../../../../packages/broker/src/log/buffer-pool.ts'

const KIBIBYTE = 1024

describe('a pool of buffers', () => {
  it('gives what was given back, to one only', () => {
    const pool = new BufferPool(1024 * KIBIBYTE)
    const first = pool.take(20 * KIBIBYTE)
    expect(first.length).toBe(32 * KIBIBYTE)
    pool.give(first)
    expect(pool.take(30 * KIBIBYTE) === first).toBe(true)
    expect(pool.take(30 * KIBIBYTE) === first).toBe(false)
  })

  it('lets those go first whose size nobody gave back lately', () => {
    const pool = new BufferPool(64 * KIBIBYTE)
    const small = [pool.take(1), pool.take(1)]
    const large = [pool.take(32 * KIBIBYTE), pool.take(32 * KIBIBYTE)]
    for (const buffer of [...small, ...large]) pool.give(buffer)
    const again = [pool.take(32 * KIBIBYTE), pool.take(32 * KIBIBYTE)]
    expect(again.every(buffer => large.includes(buffer))).toBe(true)
    expect(small.includes(pool.take(1))).toBe(false)
  })

  it('drops what is asked of it', () => {
    const pool = new BufferPool(1024 * KIBIBYTE)
    const taken = [pool.take(1), pool.take(1)]
    for (const buffer of taken) pool.give(buffer)
    pool.trimTo(16 * KIBIBYTE)
    const again = [pool.take(1), pool.take(1)]
    expect(again.filter(buffer => taken.includes(buffer)).length).toBe(1)
  })

  it('keeps nothing that is very large', () => {
    const pool = new BufferPool(1024 * KIBIBYTE * KIBIBYTE)
    const large = pool.take(2048 * KIBIBYTE + 1)
    expect(large.length).toBe(2048 * KIBIBYTE + 1)
    pool.give(large)
    expect(pool.take(2048 * KIBIBYTE + 1) === large).toBe(false)
  })
})
