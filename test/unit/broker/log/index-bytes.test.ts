import { describe, expect, it } from 'vitest'
import { IndexBytes } from '../../../../packages/broker/src/log/index-bytes.ts'

/** An index of one-number entries. */
function given(numbers: readonly number[]) {
  const index = new IndexBytes(4)
  const add = (value: number) => {
    const at = index.extend()
    index.bytes.writeInt32BE(value, at)
  }
  for (const value of numbers) add(value)
  const countUpTo = (value: number) =>
    index.prefixLength(at => index.bytes.readInt32BE(at) <= value)
  return { index, add, countUpTo }
}

describe('the bytes of an index', () => {
  it('grow with the entries, which stay where they are', () => {
    const numbers = Array.from({ length: 100 }, (_, value) => value)
    const { index, countUpTo } = given(numbers)
    expect([index.count, index.sizeBytes]).toEqual([100, 400])
    expect(numbers.map(countUpTo)).toEqual(numbers.map(value => value + 1))
  })

  it('count the entries up to a bound, also none, all, and in an empty index', () => {
    const { countUpTo } = given([10, 20, 30])
    expect([9, 10, 29, 30, 99].map(countUpTo)).toEqual([0, 1, 2, 3, 3])
    expect(given([]).countUpTo(5)).toBe(0)
  })

  it('say what their file lacks, from where on, as a copy', () => {
    const { index, add } = given([1, 2])
    const missing = index.unwritten()
    expect(missing).toEqual({ position: 0, content: Buffer.from('0000000100000002', 'hex') })
    index.written(8)
    expect(index.unwritten()).toBeUndefined()
    add(3)
    const next = index.unwritten()
    index.bytes.fill(0)
    expect(next).toEqual({ position: 8, content: Buffer.from('00000003', 'hex') })
  })

  it('owe all to a file of which nothing is known', () => {
    const { index } = given([1, 2])
    index.written(8)
    index.markUnwritten()
    expect(index.unwritten()).toEqual({ position: 0, content: index.content })
    expect(index.content.toString('hex')).toBe('0000000100000002')
  })

  it('owe their file what came while it was written', () => {
    const { index, add } = given([1])
    const { position, content } = index.unwritten() ?? { position: -1, content: Buffer.alloc(0) }
    add(2)
    index.written(position + content.length)
    expect(index.unwritten()?.position).toBe(4)
  })

  it('are cut, and owe the file what is put in the place of what was cut', () => {
    const { index, add } = given([1, 2, 3])
    index.written(12)
    index.truncate(5)
    expect(index.count).toBe(3)
    index.truncate(1)
    expect([index.count, index.unwritten()]).toEqual([1, undefined])
    add(9)
    expect(index.unwritten()).toEqual({ position: 4, content: Buffer.from('00000009', 'hex') })
  })

  it('do not take a write for more than they hold, when they were cut meanwhile', () => {
    const { index, add } = given([1, 2, 3])
    index.truncate(1)
    index.written(12)
    add(9)
    expect(index.unwritten()?.position).toBe(4)
  })

  it('are those of a file of whole entries, which they can go on from', () => {
    const { index, add, countUpTo } = given([])
    expect(index.load(Buffer.from('0000000100000002', 'hex'))).toBeUndefined()
    expect([index.count, index.unwritten()]).toEqual([2, undefined])
    add(3)
    expect(countUpTo(2)).toBe(2)
    expect(index.unwritten()?.position).toBe(8)
  })

  it.each([1, 3, 5])('refuse a file of %i bytes', length => {
    expect(given([]).index.load(Buffer.alloc(length))).toBe(
      'its size is not a whole number of entries',
    )
  })
})
