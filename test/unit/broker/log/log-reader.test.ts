import { batchesOf } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { LogReader } from '../../../../packages/broker/src/log/log-reader.ts'
import type { ReadRange, ReadResult } from '../../../../packages/broker/src/log/read-result.ts'
import { SegmentList } from '../../../../packages/broker/src/log/segment-list.ts'
import { Tail, TailCache } from '../../../../packages/broker/src/log/tail-cache.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import {
  diskWithFolder,
  FOLDER,
  loadToolsOf,
  segmentOf,
  singles,
} from '../../../support/log-parts.ts'

/** Four records from offset 10 on in a segment, the last two of them in memory too. */
async function given() {
  const disk = await diskWithFolder()
  const batches = singles(10, ['a', 'b', 'c', 'd'])
  const segments = new SegmentList(disk, FOLDER, [segmentOf(disk, batches, { baseOffset: 10 })])
  const tail = new Tail(new TailCache(1_000_000))
  const newest = Buffer.concat(batches.slice(2))
  const block = tail.charge(newest.length)
  block.buffer.set(newest)
  tail.add(block, { start: 0, end: newest.length, baseOffset: 12, endOffset: 14 })
  const ends = { logStartOffset: 10, writtenEnd: 14 }
  const reader = new LogReader(FOLDER, { segments, tail, ends }, loadToolsOf(quietWorld(disk)))
  const read = (offset: number, more: Partial<ReadRange> = {}): ReadResult | Promise<ReadResult> =>
    reader.read({ offset, endOffset: 1_000, maxBytes: 1_000_000, firstBatchWhole: false, ...more })
  return { disk, reader, read, ends }
}

const offsetsIn = ({ parts }: ReadResult): number[] =>
  [...batchesOf(Buffer.concat(parts))].map(batch => batch.baseOffset)

describe('a reader of a log', () => {
  it('gives the newest batches at once, out of memory', async () => {
    const { read } = await given()
    const result = read(12)
    expect(result).not.toBeInstanceOf(Promise)
    expect(offsetsIn(await result)).toEqual([12, 13])
  })

  it('gives older ones out of the segments', async () => {
    const { read } = await given()
    const result = read(11, { endOffset: 12 })
    expect(result).toBeInstanceOf(Promise)
    expect(offsetsIn(await result)).toEqual([11])
  })

  it('gives nothing before the start of the log or from its end on', async () => {
    const { read, ends } = await given()
    ends.logStartOffset = 11
    expect(offsetsIn(await read(10))).toEqual([])
    expect(offsetsIn(await read(14))).toEqual([])
  })

  it('gives nothing that was not written yet', async () => {
    const { read, ends } = await given()
    ends.writtenEnd = 13
    expect(offsetsIn(await read(12))).toEqual([12])
  })

  it('gives nothing when retention took the segment away while the disk was waited for', async () => {
    const { disk, read, ends } = await given()
    disk.fault = () => 'ENOENT'
    const result = read(10)
    ends.logStartOffset = 12
    expect(offsetsIn(await result)).toEqual([])
  })

  it('rejects when the disk cannot be read', async () => {
    const { disk, read } = await given()
    disk.fault = () => 'EIO'
    await expect(read(10)).rejects.toMatchObject({ name: 'DiskError', code: 'EIO' })
  })

  it('knows about how many bytes there are, and of none exactly', async () => {
    const { reader } = await given()
    expect(reader.bytesBetween(12, 14)).toBeGreaterThan(0)
    expect(reader.bytesBetween(10, 12)).toBeGreaterThan(0)
    expect(reader.bytesBetween(14, 14)).toBe(0)
    expect(reader.bytesBetween(4, 10)).toBe(0)
  })
})
