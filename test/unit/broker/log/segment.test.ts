import { describe, expect, it } from 'vitest'
import { Segment } from '../../../../packages/broker/src/log/segment.ts'
import type { SegmentImage } from '../../../../packages/broker/src/log/segment-state.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import {
  diskWithFolder,
  FOLDER,
  placeOf,
  segmentOf,
  storedBatch,
} from '../../../support/log-parts.ts'
import { ModelDisk } from '../../../support/model-disk.ts'

/** A new segment whose file is there, on a disk that loses what is not synced. */
async function createdSegment() {
  const disk = new ModelDisk(new DiskImage())
  await disk.makeDirectory('/log')
  const state = { baseOffset: 0, sizeBytes: 0, createdMs: 0, isNew: 'yes' } as const
  const segment = new Segment(disk, '/log', state)
  segment.createNow()
  return { disk, segment }
}

describe('a segment', () => {
  it('is opened again after an attempt that failed', async () => {
    const disk = new ModelDisk(new DiskImage())
    await disk.makeDirectory('/log')
    disk.openNow('/log/00000000000000000000.log', 'create').appendNow([Buffer.alloc(10)])
    const state = { baseOffset: 0, sizeBytes: 10, createdMs: 0, isNew: 'no' } as const
    const segment = new Segment(disk, '/log', state)
    const open = disk.open.bind(disk)
    disk.open = path => Promise.reject(new DiskError('open', path, 'EMFILE'))
    await expect(segment.open()).rejects.toMatchObject({ code: 'EMFILE' })
    disk.open = open
    expect((await segment.open()).sizeBytes).toBe(10)
  })

  it('is synced later when its folder could not be opened', async () => {
    const { disk, segment } = await createdSegment()
    disk.fault = call => (call === 'open' ? 'ENFILE' : undefined)
    await expect(segment.sync()).rejects.toMatchObject({ isShortOfFiles: true })
    disk.fault = () => undefined
    await segment.sync()
    expect(disk.operations.at(-1)).toMatchObject({ type: 'sync directory', path: '/log' })
  })

  it('holds what the thread pool writes when it is entered, and stays open meanwhile', async () => {
    const disk = new ModelDisk(new DiskImage())
    await disk.makeDirectory('/log')
    const state = { baseOffset: 0, sizeBytes: 0, createdMs: 0, isNew: 'yes' } as const
    const segment = new Segment(disk, '/log', state)
    let end = (): void => undefined
    disk.hold = () => new Promise(resolve => (end = resolve))
    const written = segment.write([Buffer.alloc(70)])
    for (let round = 0; round < 3; round++) await segment.releaseIdleFile()
    expect([segment.sizeBytes, disk.openPaths.length]).toEqual([0, 1])
    end()
    await written
    segment.enter({ baseOffset: 0, lastOffset: 0, sizeBytes: 70, maxTimestamp: 5 }, 0)
    expect([segment.sizeBytes, disk.sizeOf(1)]).toEqual([70, 70])
    disk.hold = () => undefined
    disk.capacityBytes = 100
    await expect(segment.write([Buffer.alloc(70)])).rejects.toThrow('ENOSPC')
    expect([segment.sizeBytes, (await segment.open()).sizeBytes]).toEqual([70, 70])
  })

  it('may be told to let its indexes go while somebody writes them', async () => {
    const disk = new ModelDisk(new DiskImage())
    await disk.makeDirectory('/log')
    const state = { baseOffset: 0, sizeBytes: 0, createdMs: 0, isNew: 'yes' } as const
    const segment = new Segment(disk, '/log', state)
    const batch = { baseOffset: 0, lastOffset: 0, sizeBytes: 70, maxTimestamp: 5 }
    segment.enter(batch, 0)
    segment.writeNow([Buffer.alloc(70)])
    segment.seal()
    await segment.writeIndexes()
    await segment.sync()
    await segment.releaseIdle()
    const twice = [segment.writeIndexes(), segment.releaseIdle()]
    await expect(Promise.all(twice)).resolves.toBeDefined()
    expect(segment.indexes).toBeUndefined()
  })

  it('writes its offset index last, and takes the content of both from who has read it', async () => {
    const disk = new ModelDisk(new DiskImage())
    await disk.makeDirectory('/log')
    const state = { baseOffset: 0, sizeBytes: 0, createdMs: 0, isNew: 'yes' } as const
    const segment = new Segment(disk, '/log', state)
    for (const offset of [0, 1, 2])
      segment.enter(
        { baseOffset: offset, lastOffset: offset, sizeBytes: 70, maxTimestamp: 5 + offset },
        0,
      )
    await segment.writeIndexes()
    const synced = disk.operations.flatMap(({ type, path }) => (type === 'sync' ? [path] : []))
    expect(synced).toEqual([segment.pathOf('timeindex'), segment.pathOf('index')])
    const again = new Segment(disk, '/log', { ...state, sizeBytes: 210, isNew: 'no' })
    const [offsets, times] = synced.map(path => disk.readFileNow(path)).toReversed()
    expect(again.takeIndexes(offsets, undefined)).toBeUndefined()
    expect(again.takeIndexes(Buffer.alloc(3), times)).toBeUndefined()
    expect(again.takeIndexes(offsets, times)?.offsets.lastOffset).toBe(2)
    expect(again.maxTimestamp).toBe(7)
  })

  it('writes no more into its offset index than it had when it began to write the others', async () => {
    const disk = new ModelDisk(new DiskImage())
    await disk.makeDirectory('/log')
    const state = { baseOffset: 0, sizeBytes: 0, createdMs: 0, isNew: 'yes' } as const
    const segment = new Segment(disk, '/log', state)
    const enter = (offset: number) =>
      segment.enter(
        { baseOffset: offset, lastOffset: offset, sizeBytes: 70, maxTimestamp: offset },
        0,
      )
    for (const offset of [0, 1, 2]) enter(offset)
    const written = segment.writeIndexes()
    for (const offset of [3, 4]) enter(offset)
    await written
    expect(disk.readFileNow(segment.pathOf('index'))).toHaveLength(2 * 8)
    await segment.writeIndexes()
    expect(disk.readFileNow(segment.pathOf('index'))).toHaveLength(4 * 8)
  })

  it('stays open while it is not synced, for only who wrote is told that it was not written (L6)', async () => {
    const disk = new ModelDisk(new DiskImage())
    await disk.makeDirectory('/log')
    const state = { baseOffset: 0, sizeBytes: 0, createdMs: 0, isNew: 'yes' } as const
    const segment = new Segment(disk, '/log', state)
    segment.enter({ baseOffset: 0, lastOffset: 0, sizeBytes: 70, maxTimestamp: 5 }, 0)
    segment.writeNow([Buffer.alloc(70)])
    const written = await segment.open()
    for (let round = 0; round < 3; round++) await segment.releaseIdle()
    expect(await segment.open()).toBe(written)
    await segment.sync()
    for (let round = 0; round < 2; round++) await segment.releaseIdle()
    expect(await segment.open()).not.toBe(written)
  })

  it('fails all syncs that are under way when one of them fails, and those that come later (L6)', async () => {
    const disk = new ModelDisk(new DiskImage())
    await disk.makeDirectory('/log')
    const state = { baseOffset: 0, sizeBytes: 0, createdMs: 0, isNew: 'yes' } as const
    const segment = new Segment(disk, '/log', state)
    segment.enter({ baseOffset: 0, lastOffset: 0, sizeBytes: 70, maxTimestamp: 5 }, 0)
    segment.writeNow([Buffer.alloc(70)])
    disk.fault = call => {
      if (call !== 'sync') return undefined
      disk.fault = () => undefined
      return 'EIO'
    }
    const syncs = await Promise.allSettled([segment.sync(), segment.sync()])
    expect(syncs.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await expect(segment.sync()).rejects.toMatchObject({ code: 'EIO' })
  })

  it('is read from the open file once it is gone, and never opened again: nobody would close it', async () => {
    const { disk, segment } = await createdSegment()
    const file = await segment.open()
    segment.markGone()
    expect(await segment.open()).toBe(file)
    await segment.closeFile()
    expect(() => segment.open()).toThrow('ENOENT')
    expect(disk.openPaths).toEqual([])
  })

  it('closes at once what it opened while it went', async () => {
    const { disk, segment } = await createdSegment()
    await segment.closeFile()
    const opening = segment.open()
    segment.markGone()
    await expect(opening).rejects.toMatchObject({ code: 'ENOENT' })
    expect(disk.openPaths).toEqual([])
  })

  it('has nothing to sync any more once it is gone, whatever the disk says', async () => {
    const { disk, segment } = await createdSegment()
    disk.syncDirectory = async path => {
      segment.markGone()
      throw new DiskError('sync', path, 'ENOENT')
    }
    await segment.sync()
  })

  it('goes on from what was known of it at one moment, and then knows what it knew', async () => {
    const disk = await diskWithFolder()
    const batches = [4_000, 9_000, 6_000].map((timestamp, index) =>
      storedBatch({ values: ['a'], baseOffset: index, timestamp }),
    )
    const [a, b, c] = batches as [Buffer, Buffer, Buffer]
    const whole = segmentOf(disk, [a, b, c], { indexIntervalBytes: 1 })
    const part = segmentOf(disk, [a, b], { indexIntervalBytes: 1 })
    const again = new Segment(disk, FOLDER, {
      ...{ baseOffset: 0, sizeBytes: 3 * a.length, createdMs: 0, isNew: 'no' },
    })
    again.restore(part.image() as SegmentImage)
    again.enter(placeOf(c), 1)
    expect(again.mark()).toEqual(whole.mark())
    expect(again.indexes?.offsets.file.content).toEqual(whole.indexes?.offsets.file.content)
    expect(again.indexes?.times.file.content).toEqual(whole.indexes?.times.file.content)
    await again.sync()
    expect(disk.operations.at(-1)).toMatchObject({ type: 'sync' })
  })

  it('has nothing to go on from before its first batch, nor when its indexes are not in memory', async () => {
    const disk = await diskWithFolder()
    expect(segmentOf(disk, []).image()).toBeUndefined()
    const state = { baseOffset: 0, sizeBytes: 100, createdMs: 0, isNew: 'no' } as const
    expect(new Segment(disk, FOLDER, state).image()).toBeUndefined()
  })
})
