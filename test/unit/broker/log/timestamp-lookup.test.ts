import { nodeCodecs, RecordBatch } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { Segment } from '../../../../packages/broker/src/log/segment.ts'
import {
  findTimestamp,
  maxTimestampOf,
  type TimestampQuery,
} from '../../../../packages/broker/src/log/timestamp-lookup.ts'
import {
  diskWithFolder,
  type StoredBatch,
  segmentOf,
  storedBatch,
} from '../../../support/log-parts.ts'

/** Segments whose batches follow each other from offset 0, with a record for each of these times. */
async function given(
  times: readonly (readonly (readonly number[])[])[],
  more: Partial<StoredBatch> = {},
) {
  const disk = await diskWithFolder()
  let offset = 0
  const segments: Segment[] = []
  for (const batches of times) {
    const baseOffset = offset
    const stored = batches.map(timestamps => {
      const values = timestamps.map(String)
      const batch = storedBatch({ ...more, values, timestamps, baseOffset: offset })
      offset += timestamps.length
      return batch
    })
    segments.push(segmentOf(disk, stored, { baseOffset }))
  }
  const find = (timestamp: number, query: Partial<TimestampQuery> = {}) =>
    findTimestamp(segments, {
      ...{ timestamp, from: 0, endOffset: offset },
      ...{ codecs: nodeCodecs(), maxDecompressedBytes: 100_000 },
      ...query,
    })
  return { disk, segments, find }
}

const plain = [[[100, 110], [120]], [[90, 130, 125]], [[140]]]

describe('looking for a time', () => {
  it('finds the first record at or after it, over segments and batches', async () => {
    const { find } = await given(plain)
    const found = await Promise.all(
      [0, 100, 101, 111, 121, 126, 130, 131, 140].map(time => find(time)),
    )
    const offsets = found.map(one => (typeof one === 'object' ? one.offset : one))
    expect(offsets).toEqual([0, 0, 1, 2, 4, 4, 4, 6, 6])
    expect(found[3]).toEqual({ offset: 2, timestamp: 120 })
  })

  it('finds nothing after the newest', async () => {
    const { find } = await given(plain)
    expect(await find(141)).toBeUndefined()
  })

  it('finds the same as a walk over all records, for any times', async () => {
    const times = [
      [[5, 3], [9], [1, 1, 7]],
      [[2], [8, 8], [20]],
      [[0, 30], [12]],
    ]
    const { find } = await given(times)
    const all = times.flat(2)
    for (let time = 0; time <= 31; time++) {
      const offset = all.findIndex(timestamp => timestamp >= time)
      const expected = offset < 0 ? undefined : { offset, timestamp: all[offset] }
      expect(await find(time), `at ${time}`).toEqual(expected)
    }
  })

  it('sees nothing before the start of the log and nothing at or beyond the end (L9)', async () => {
    const { find } = await given(plain)
    expect(await find(0, { from: 1 })).toEqual({ offset: 1, timestamp: 110 })
    expect(await find(0, { from: 3 })).toEqual({ offset: 3, timestamp: 90 })
    expect(await find(125, { endOffset: 4 })).toBeUndefined()
    expect(await find(125, { endOffset: 5 })).toEqual({ offset: 4, timestamp: 130 })
  })

  it('opens compressed batches', async () => {
    const { find } = await given(plain, { compression: 'gzip' })
    expect(await find(126)).toEqual({ offset: 4, timestamp: 130 })
  })

  it('takes the time of the batch where that is the time of the append', async () => {
    const disk = await diskWithFolder()
    const batch = storedBatch({ values: ['a', 'b'], baseOffset: 0, timestamps: [1, 2] })
    new RecordBatch(batch).stampLogAppendTime(500)
    const segments = [segmentOf(disk, [batch])]
    const query = { codecs: nodeCodecs(), maxDecompressedBytes: 1, endOffset: 2 }
    expect(await findTimestamp(segments, { ...query, timestamp: 400, from: 0 })).toEqual({
      ...{ offset: 0, timestamp: 500 },
    })
    expect(await findTimestamp(segments, { ...query, timestamp: 400, from: 1 })).toEqual({
      ...{ offset: 1, timestamp: 500 },
    })
  })

  it('says of a batch on the way that it is too large to be opened, or damaged', async () => {
    const { find } = await given(plain, { compression: 'gzip' })
    expect(await find(100, { maxDecompressedBytes: 5 })).toBe('MESSAGE_TOO_LARGE')
    const { disk, segments, find: findDamaged } = await given(plain, { compression: 'gzip' })
    disk.openNow((segments[0] as Segment).path, 'existing').writeNow(63, [Buffer.alloc(8)])
    expect(await findDamaged(100)).toBe('CORRUPT_MESSAGE')
    const { disk: plainDisk, segments: plainSegments, find: findPlain } = await given(plain)
    const path = (plainSegments[0] as Segment).path
    plainDisk.openNow(path, 'existing').writeNow(61, [Buffer.from([0x7f])])
    expect(await findPlain(100)).toBe('CORRUPT_MESSAGE')
  })

  it('tells a failure of the disk', async () => {
    const { disk, find } = await given(plain)
    disk.fault = call => (call === 'read' ? 'EIO' : undefined)
    await expect(find(100)).rejects.toThrow('EIO')
  })
})

describe('the largest time of a log', () => {
  it('is that of any of its segments', async () => {
    const { segments } = await given([[[5, 70]], [[20]]])
    expect(await maxTimestampOf(segments)).toBe(70)
  })

  it('is none when no record has one', async () => {
    const { segments } = await given([[[-1, -1]]])
    expect(await maxTimestampOf(segments)).toBe(-1)
  })
})
