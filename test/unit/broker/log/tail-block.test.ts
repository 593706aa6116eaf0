import { describe, expect, it } from 'vitest'
import { TailBlock } from '../../../../packages/broker/src/log/tail-block.ts'
import { Tail, TailCache } from '../../../../packages/broker/src/log/tail-cache.ts'

function given() {
  const freed: Buffer[] = []
  const buffer = Buffer.alloc(100)
  const tail = new Tail(new TailCache(1000))
  return { freed, buffer, block: new TailBlock(buffer, tail, free => void freed.push(free)) }
}

describe('a block of the tail cache', () => {
  it('gives its buffer free once it is evicted and the last use has ended', () => {
    const { freed, buffer, block } = given()
    block.hold()
    block.hold()
    block.letGo()
    block.evict()
    expect(freed).toEqual([])
    block.letGo()
    expect(freed).toEqual([buffer])
    expect(block.isEvicted).toBe(true)
  })

  it('gives it free at the eviction when nobody uses it', () => {
    const { freed, buffer, block } = given()
    block.hold()
    block.letGo()
    expect(freed).toEqual([])
    block.evict()
    expect(freed).toEqual([buffer])
  })

  it('may be held by others while somebody uses it still, though it is evicted', () => {
    const { freed, block } = given()
    block.hold()
    block.evict()
    block.hold()
    block.letGo()
    expect(freed).toEqual([])
    block.letGo()
    expect(freed.length).toBe(1)
  })

  it('demands that what was let go of is not used again, and that each use ends once', () => {
    const { block } = given()
    expect(() => block.letGo()).toThrow('L8')
    block.evict()
    expect(() => block.hold()).toThrow('L8')
    expect(() => block.evict()).toThrow('once')
  })
})
