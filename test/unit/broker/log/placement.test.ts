import { expect, it } from 'vitest'
import type { PendingBatch } from '../../../../packages/broker/src/log/pending-write.ts'
import { partsOf, place } from '../../../../packages/broker/src/log/placement.ts'
import { SegmentList } from '../../../../packages/broker/src/log/segment-list.ts'
import { Tail, TailCache } from '../../../../packages/broker/src/log/tail-cache.ts'
import { diskWithFolder, FOLDER, placeOf, segmentOf, singles } from '../../../support/log-parts.ts'

const limits = {
  segmentBytes: 10_000,
  segmentIndexBytes: 10_000,
  indexIntervalBytes: 1,
  rollMs: 10_000,
}

function pendingOf(batches: readonly Buffer[]): PendingBatch[] {
  const block = new Tail(new TailCache(100_000_000)).charge(Buffer.concat(batches).length)
  block.buffer.set(Buffer.concat(batches))
  let start = 0
  return batches.map(batch => {
    const at = start
    start += batch.length
    const producer = { producerId: -1, previousProducer: undefined }
    return { ...placeOf(batch), leaderEpoch: 0, block, start: at, ...producer }
  })
}

async function given(present: readonly Buffer[]) {
  const disk = await diskWithFolder()
  return new SegmentList(disk, FOLDER, [segmentOf(disk, present)])
}

const ofBytes = (baseOffset: number, sizes: readonly number[]) =>
  singles(
    baseOffset,
    sizes.map(size => 'x'.repeat(size)),
  )

it('takes all that has room in the segment, as one part', async () => {
  const segments = await given(singles(0, ['a']))
  const batches = singles(1, ['b', 'c', 'd'])
  const placement = place(pendingOf(batches), segments, limits, 1_000)
  expect([placement.segment, placement.batches.length, placement.isNewSegment]).toEqual([
    segments.active,
    3,
    false,
  ])
  expect(partsOf(placement)).toEqual([Buffer.concat(batches)])
})

it('leaves what belongs to the next segment, by size and by time', async () => {
  const segments = await given(singles(0, ['a'], { timestamp: 1_000 }))
  const large = pendingOf(ofBytes(1, [4_000, 4_000, 4_000]))
  expect(place(large, segments, limits, 1_000).batches).toHaveLength(2)
  const late = pendingOf([
    ...singles(1, ['b'], { timestamp: 1_000 }),
    ...singles(2, ['c'], { timestamp: 11_001 }),
  ])
  expect(place(late, segments, limits, 1_000).batches).toHaveLength(1)
})

it('begins a new segment, which is no part of the log yet, with one batch', async () => {
  const segments = await given(ofBytes(0, [9_000]))
  const placement = place(pendingOf(ofBytes(1, [2_000, 10])), segments, limits, 1_000)
  expect([placement.segment.baseOffset, placement.batches.length]).toEqual([1, 1])
  expect([placement.isNewSegment, segments.all.length]).toEqual([true, 1])
})

it('takes one batch into an empty segment, whose first time says when it is full', async () => {
  const segments = await given([])
  expect(place(pendingOf(singles(0, ['a', 'b'])), segments, limits, 1_000).batches).toHaveLength(1)
})

it('takes no more than the indexes have room for', async () => {
  const segments = await given(singles(0, ['a', 'b']))
  const batches = pendingOf(singles(2, ['c', 'd', 'e', 'f', 'g', 'h']))
  const entries = segments.active.indexes?.offsets.count ?? 0
  const full = { ...limits, segmentIndexBytes: 8 * (entries + 3) + 24 }
  const { batches: taken } = place(batches, segments, full, 1_000)
  expect(taken.length).toBeGreaterThan(0)
  expect(taken.length).toBeLessThan(batches.length)
})

it('takes eight megabytes at the most, and one batch at the least', async () => {
  const segments = await given(singles(0, ['a']))
  const roomy = { ...limits, segmentBytes: 2 ** 30 }
  const sizes = [3_000_000, 3_000_000, 3_000_000]
  expect(place(pendingOf(ofBytes(1, sizes)), segments, roomy, 1_000).batches).toHaveLength(2)
  const [huge] = pendingOf(ofBytes(1, [9_000_000]))
  expect(place([huge as PendingBatch], segments, roomy, 1_000).batches).toHaveLength(1)
})
