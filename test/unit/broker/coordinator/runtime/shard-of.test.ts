import { describe, expect, it } from 'vitest'
import { shardOf } from '../../../../../packages/broker/src/coordinator/runtime/shard-of.ts'

describe('the shard of a key', () => {
  it.each([
    ['', 0],
    ['a', 47],
    // Seen with a Kafka 4.1: the absolute value of a negative hash, -1049367967.
    ['neg100', 17],
    // The hash is the smallest of all, which has no absolute value.
    ['polygenelubricants', 0],
    // Two UTF-16 units.
    ['\u{1F600}', 49],
  ])('of %j among 50 is that of Kafka', (key, shard) => {
    expect(shardOf(key, 50)).toBe(shard)
  })

  it('is always one that there is', () => {
    for (let index = 0; index < 10_000; index++) {
      const shard = shardOf(`group-${index * 7919}`, 7)
      expect(Number.isInteger(shard) && shard >= 0 && shard < 7).toBe(true)
    }
  })
})
