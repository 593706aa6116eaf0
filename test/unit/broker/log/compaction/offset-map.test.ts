import { describe, expect, it } from 'vitest'
import { KeyHash } from '../../../../../packages/broker/src/log/compaction/key-hash.ts'
import {
  OffsetMap,
  slotsFor,
} from '../../../../../packages/broker/src/log/compaction/offset-map.ts'

const mapOf = (slots: number) => new OffsetMap(new KeyHash(Buffer.alloc(16, 3)), slots, 0.9)
const put = (map: OffsetMap, key: string, offset: number) =>
  map.put(Buffer.from(key), 0, key.length, offset)
const get = (map: OffsetMap, key: string) => map.get(Buffer.from(key), 0, key.length)

describe('a map of offsets', () => {
  it('gives the newest offset of each key, 0 too', () => {
    const map = mapOf(2000)
    for (let offset = 0; offset < 1500; offset++) put(map, `key-${offset % 500}`, offset)
    put(map, 'first', 0)
    expect(get(map, 'key-7')).toBe(1007)
    expect(get(map, 'first')).toBe(0)
    expect(get(map, 'other')).toBe(-1)
    expect([map.count, map.latestOffset]).toEqual([501, 1499])
  })

  it('is full before its last slot is taken, and knows how far it has looked', () => {
    const map = mapOf(3)
    put(map, 'a', 4)
    expect(map.isFull).toBe(false)
    put(map, 'b', 5)
    expect(map.isFull).toBe(true)
    expect(() => put(map, 'c', 6)).toThrow()
    expect(get(map, 'c')).toBe(-1)
    map.passed(9)
    expect(map.latestOffset).toBe(9)
  })

  it('takes no more memory than it needs, and than it may', () => {
    expect(slotsFor(90, 1_000_000, 0.9)).toBe(102)
    expect(slotsFor(1_000_000, 2400, 0.9)).toBe(100)
    expect(slotsFor(5, 1, 0.9)).toBe(2)
  })
})
