import { describe, expect, it } from 'vitest'
import { OffsetIndex } from '../../../../packages/broker/src/log/offset-index.ts'

/** Written by Kafka's own class: (1005, 4200), (1010, 8500), (1100, 16384) at base offset 1000. */
const KAFKA = Buffer.from('00000005000010680000000a000021340000006400004000', 'hex')

describe('an offset index', () => {
  it('is the bytes that Kafka writes', () => {
    const index = new OffsetIndex(1000)
    index.append(1005, 4200)
    index.append(1010, 8500)
    index.append(1100, 16384)
    expect(index.file.unwritten()).toEqual({ position: 0, content: KAFKA })
  })

  it('leads from an offset to the place before it in a file of Kafka', () => {
    const index = new OffsetIndex(1000)
    expect(index.load(KAFKA, 20_000)).toBeUndefined()
    const positions = [1000, 1004, 1005, 1009, 1010, 1099, 5000].map(offset =>
      index.floorPosition(offset),
    )
    expect(positions).toEqual([0, 0, 4200, 4200, 8500, 8500, 16384])
    expect([index.lastOffset, index.lastPosition]).toEqual([1100, 16384])
  })

  it.each([
    ['is cut within an entry', KAFKA.subarray(0, 20), 20_000],
    ['does not grow', Buffer.concat([KAFKA, KAFKA]), 20_000],
    ['points beyond the segment', KAFKA, 16_384],
  ])('is of no use when its file %s', (_, content, segmentBytes) => {
    expect(new OffsetIndex(1000).load(content, segmentBytes)).toBeDefined()
  })
})
