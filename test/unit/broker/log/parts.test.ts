import { describe, expect, it } from 'vitest'
import { Parts } from '../../../../packages/broker/src/log/parts.ts'

const text = (parts: Parts) => parts.list.map(part => Buffer.from(part).toString())

describe('parts', () => {
  const letters = Buffer.from('abcdefgh')
  const others = Buffer.from('ABCD')

  it('that touch in one buffer become one, without a copy', () => {
    const parts = new Parts()
    parts.add(letters, 1, 3)
    parts.add(letters, 3, 6)
    parts.finish()
    expect([text(parts), parts.sizeBytes]).toEqual([['bcdef'], 5])
    expect(parts.list[0]?.buffer).toBe(letters.buffer)
  })

  it('stay apart when there is a gap, they overlap, or lie in different buffers', () => {
    const parts = new Parts()
    parts.add(letters, 0, 2)
    parts.add(letters, 3, 4)
    parts.add(letters, 3, 5)
    parts.add(others, 5 - 5, 2)
    parts.add(letters, 5, 6)
    parts.finish()
    expect([text(parts), parts.sizeBytes]).toEqual([['ab', 'd', 'de', 'AB', 'f'], 8])
  })

  it('that are empty are none, and separate nothing', () => {
    const parts = new Parts()
    parts.add(letters, 0, 2)
    parts.add(others, 1, 1)
    parts.add(letters, 2, 3)
    parts.finish()
    expect(text(parts)).toEqual(['abc'])
  })

  it('are none when nothing was added', () => {
    const parts = new Parts()
    parts.finish()
    expect([parts.list, parts.sizeBytes]).toEqual([[], 0])
  })
})
