import { describe, expect, it } from 'vitest'
import {
  isWithin,
  overlaps,
} from '../../../../../../packages/broker/src/coordinator/group/consumer/topic-partitions.ts'

const held = new Map([
  ['a', [0, 1, 5]],
  ['b', [2]],
])
const listed = (topicId: string, ...partitions: number[]) => ({ topicId, partitions })

describe('partitions that a client lists', () => {
  it('are within others when all of them are', () => {
    expect(isWithin([listed('a', 5, 0), listed('b', 2), listed('a')], held)).toBe(true)
    expect(isWithin([listed('a', 5), listed('b', 1)], held)).toBe(false)
    expect(isWithin([listed('c', 0)], held)).toBe(false)
    expect(isWithin([], held)).toBe(true)
  })

  it('overlap others when one of them does', () => {
    expect(overlaps([listed('a', 2), listed('b', 1, 2)], held)).toBe(true)
    expect(overlaps([listed('a', 2), listed('c', 0)], held)).toBe(false)
  })

  it('cost one look at what a topic has, however often the topic is listed', () => {
    let looks = 0
    const counted = new Map([['a', [0, 1, 2]]])
    const get = counted.get.bind(counted)
    counted.get = topicId => {
      looks += 1
      return get(topicId)
    }
    const often = Array.from({ length: 1000 }, () => listed('a', 1))
    expect(isWithin(often, counted)).toBe(true)
    expect(
      overlaps(
        often.map(() => listed('a', 9)),
        counted,
      ),
    ).toBe(false)
    expect(looks).toBe(2)
  })
})
