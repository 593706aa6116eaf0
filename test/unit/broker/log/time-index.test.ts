import { describe, expect, it } from 'vitest'
import { TimeIndex } from '../../../../packages/broker/src/log/time-index.ts'

/** Written by Kafka's own class: (1700000000000, 1005), (1700000000500, 1010) at base offset 1000. */
const KAFKA = Buffer.from('0000018bcfe56800000000050000018bcfe569f40000000a', 'hex')

describe('a time index', () => {
  it('is the bytes that Kafka writes, with an entry only for a greater time', () => {
    const index = new TimeIndex(1000)
    index.maybeAppend(1_700_000_000_000, 1005)
    index.maybeAppend(1_699_999_999_999, 1007)
    index.maybeAppend(1_700_000_000_000, 1008)
    index.maybeAppend(1_700_000_000_500, 1010)
    expect(index.file.unwritten()).toEqual({ position: 0, content: KAFKA })
  })

  it('says where to begin to look for a time', () => {
    const index = new TimeIndex(1000)
    expect(index.load(KAFKA)).toBeUndefined()
    expect(
      [1, 1_700_000_000_000, 1_700_000_000_001, 1_800_000_000_000].map(time =>
        index.floorOffset(time),
      ),
    ).toEqual([1000, 1000, 1005, 1010])
  })
})
