import { expect, it } from 'vitest'
import { segmentGroups } from '../../../../../packages/broker/src/log/compaction/segment-groups.ts'
import type { Segment } from '../../../../../packages/broker/src/log/segment.ts'

const segment = (baseOffset: number, sizeBytes: number) => ({ baseOffset, sizeBytes }) as Segment
const limits = { segmentBytes: 1000, segmentIndexBytes: 10_000, indexIntervalBytes: 4096 }
const basesOf = (groups: readonly (readonly Segment[])[]) =>
  groups.map(group => group.map(({ baseOffset }) => baseOffset))

it('puts neighbours together as long as they fit into one segment', () => {
  const segments = [
    segment(0, 400),
    segment(10, 600),
    segment(20, 1),
    segment(30, 2000),
    segment(40, 5),
  ]
  expect(basesOf(segmentGroups(segments, 50, limits))).toEqual([[0, 10], [20], [30], [40]])
  expect(segmentGroups([], 0, limits)).toEqual([])
})

it('keeps offsets within 31 bits of the base, and the indexes within their size', () => {
  const far = [segment(0, 1), segment(10, 1), segment(2 ** 31 + 5, 1)]
  expect(basesOf(segmentGroups(far, 2 ** 31 + 6, limits))).toEqual([[0], [10, 2 ** 31 + 5]])
  const small = { ...limits, segmentIndexBytes: 36, indexIntervalBytes: 99 }
  expect(basesOf(segmentGroups([segment(0, 150), segment(9, 100)], 20, small))).toEqual([[0], [9]])
})
