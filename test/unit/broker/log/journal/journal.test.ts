import { describe, expect, it } from 'vitest'
import type {
  JournalEntry,
  SyncableSegment,
} from '../../../../../packages/broker/src/log/journal/entry.ts'
import {
  openJournal,
  removeJournal,
} from '../../../../../packages/broker/src/log/journal/recover.ts'
import { DiskError } from '../../../../../packages/broker/src/world.ts'
import { DiskImage } from '../../../../support/disk-image.ts'
import { topicIdOf } from '../../../../support/journal-workload.ts'
import { quietWorld, settle } from '../../../../support/journal-world.ts'
import { ModelDisk } from '../../../../support/model-disk.ts'

const limits = { firstFileBytes: 64 * 1024, fileBytes: 64 * 1024, fileCountMax: 2, spareBytes: 0 }
const topicId = topicIdOf(0)

const openOn = async (disk: ModelDisk) => {
  await disk.makeDirectory('/data')
  const world = quietWorld(disk)
  const opened = await openJournal(world, '/data', limits)
  return { world, opened, disk }
}

const startFresh = async () => {
  const { world, opened, disk } = await openOn(new ModelDisk(new DiskImage()))
  const journal = await opened.start()
  return { world, disk, journal, file: `/data/__journal/00000001.journal` }
}

const entryAt = (baseOffset: number, content: string): JournalEntry => ({
  ...{
    type: 'bytes',
    topicId,
    partition: 4,
    leaderEpoch: 2,
    baseOffset,
    endOffset: baseOffset + 1,
  },
  ...{ segmentBaseOffset: 0, segmentPosition: baseOffset * 10, parts: [Buffer.from(content)] },
})

const extentAt = (baseOffset: number, segment: SyncableSegment): JournalEntry => ({
  ...{
    type: 'extent',
    topicId,
    partition: 4,
    leaderEpoch: 2,
    baseOffset,
    endOffset: baseOffset + 1,
  },
  ...{ segmentBaseOffset: 0, segmentPosition: baseOffset * 10, sizeBytes: 100_000, segment },
})

const reopen = async (disk: ModelDisk) => {
  const { opened, world } = await openOn(new ModelDisk(disk.imageAfter(Infinity, () => 'lost')))
  const log = opened.recovered.get({ topicId, partition: 4 })
  return { opened, world, log }
}

describe('the journal', () => {
  it('makes what is committed during a sync durable with one more', async () => {
    const { disk, journal } = await startFresh()
    const before = disk.syncCount
    const done: number[] = []
    for (let index = 0; index < 50; index += 1) {
      journal.commit([entryAt(index, 'x')], () => done.push(index))
    }
    await settle()
    expect(disk.syncCount - before).toBe(2)
    expect(done).toEqual(Array.from({ length: 50 }, (_, index) => index))
  })

  it('answers a commit without entries when all before it is durable', async () => {
    const { journal } = await startFresh()
    const order: string[] = []
    journal.commit([entryAt(0, 'x')], () => order.push('entry'))
    journal.commit([], () => order.push('nothing'))
    await settle()
    expect(order).toEqual(['entry', 'nothing'])
  })

  it('remembers what an entry said', async () => {
    const { disk, journal } = await startFresh()
    journal.commit([entryAt(7, 'seven')], () => undefined)
    await settle()
    const { log } = await reopen(disk)
    const [entry] = log?.entries ?? []
    expect(entry).toMatchObject({
      leaderEpoch: 2,
      baseOffset: 7,
      endOffset: 8,
      segmentPosition: 70,
    })
    expect(`${entry?.type === 'bytes' && (await entry.read())}`).toBe('seven')
  })

  it('carries what was durable before, so that damage below can be told from a torn tail', async () => {
    const { disk, journal } = await startFresh()
    journal.commit([entryAt(0, 'a')], () => undefined)
    await settle()
    expect((await reopen(disk)).log?.durableOffset).toBeUndefined()
    expect(journal.hasUncarried).toBe(true)
    journal.commit([], () => undefined)
    await settle()
    expect(journal.hasUncarried).toBe(false)
    expect((await reopen(disk)).log?.durableOffset).toBe(1)
  })

  it('syncs each segment of a large batch once, and does not answer before', async () => {
    const { disk, journal } = await startFresh()
    let syncs = 0
    let finish: () => void = () => undefined
    const segment = {
      sync: () => {
        syncs += 1
        return new Promise<void>(resolve => {
          finish = resolve
        })
      },
    }
    let isDone = false
    journal.commit([extentAt(0, segment), extentAt(1, segment)], () => {
      isDone = true
    })
    await settle()
    expect({ syncs, isDone }).toEqual({ syncs: 1, isDone: false })
    finish()
    await settle()
    expect(isDone).toBe(true)
    expect((await reopen(disk)).log?.entries).toMatchObject([
      { type: 'extent', sizeBytes: 100_000 },
      { type: 'extent' },
    ])
  })

  it('never retries a failed sync: that group, what waits and all later commits fail', async () => {
    const { disk, journal } = await startFresh()
    let failing = true
    disk.fault = call => (call === 'sync' && failing ? 'EIO' : undefined)
    const codes: (string | undefined)[] = []
    const done = (error: DiskError | undefined) => void codes.push(error?.code)
    journal.commit([entryAt(0, 'a')], done)
    journal.commit([entryAt(1, 'b')], done)
    await settle()
    failing = false
    const syncs = disk.syncCount
    journal.commit([entryAt(2, 'c')], done)
    await settle()
    expect(codes).toEqual(['EIO', 'EIO', 'EIO'])
    expect(disk.syncCount).toBe(syncs)
  })

  it('fails when the segment of a large batch cannot be synced', async () => {
    const { journal } = await startFresh()
    const segment = { sync: () => Promise.reject(new DiskError('sync', '/data/x', 'EIO')) }
    const codes: (string | undefined)[] = []
    journal.commit([extentAt(0, segment)], error => void codes.push(error?.code))
    await settle()
    expect(codes).toEqual(['EIO'])
  })

  it('waits when a copy-on-write disk has no space for a group, and goes on when it has', async () => {
    const { disk, journal, world } = await startFresh()
    let isFull = true
    disk.fault = call => (call === 'write' && isFull ? 'ENOSPC' : undefined)
    const codes: (string | undefined)[] = []
    journal.commit([entryAt(0, 'a')], error => void codes.push(error?.code))
    await settle()
    expect(codes).toEqual([])
    isFull = false
    world.clock.advance(500)
    await settle()
    expect(codes).toEqual([undefined])
    expect((await reopen(disk)).log?.entries).toHaveLength(1)
  })
})

describe('the files of the journal', () => {
  it('are used again and again without growing once the segments are synced', async () => {
    const { disk, journal } = await startFresh()
    const owner = { topicId, partition: 4 }
    let done = 0
    for (let index = 0; index < 100; index += 1) {
      journal.commit([entryAt(index, 'x'.repeat(5_000))], () => {
        done += 1
      })
      await settle()
      journal.segmentsSynced(owner, journal.mark())
    }
    expect(done).toBe(100)
    const entries = await disk.list('/data/__journal')
    expect(entries?.map(entry => entry.sizeBytes)).toEqual([65_536, 65_536])
    const { log, opened } = await reopen(disk)
    expect(opened.recovered.isDamaged).toBe(false)
    expect(log?.entries.at(-1)?.baseOffset).toBe(99)
    expect(log?.entries.length).toBeLessThan(30)
  })

  it('make commits wait when all are needed, and name the logs whose sync would free one', async () => {
    const { disk, journal } = await startFresh()
    const pressed = new Set<string>()
    journal.whenPressed(blocking => {
      for (const key of blocking) pressed.add(key)
    })
    let done = 0
    for (let index = 0; index < 40; index += 1) {
      journal.commit([entryAt(index, 'x'.repeat(5_000))], () => {
        done += 1
      })
    }
    await settle()
    expect(done).toBeLessThan(40)
    expect([...pressed]).toEqual([`${topicId}:4`])
    for (let round = 0; round < 8 && done < 40; round += 1) {
      journal.segmentsSynced({ topicId, partition: 4 }, journal.mark())
      await settle()
    }
    expect(done).toBe(40)
    expect((await reopen(disk)).log?.entries.at(-1)?.baseOffset).toBe(39)
  })

  it('are gone after a clean stop', async () => {
    const { disk, journal, world } = await startFresh()
    journal.commit([entryAt(0, 'a')], () => undefined)
    await journal.close()
    await removeJournal(world, '/data')
    expect(await disk.list('/data')).toEqual([])
    const { opened } = await reopen(disk)
    expect(opened.recovered).toMatchObject({ isUnclean: false, isDamaged: false, logs: [] })
  })

  it('say so when a group in the middle is damaged, and give back the others', async () => {
    const { disk, journal, file } = await startFresh()
    for (let index = 0; index < 5; index += 1) {
      journal.commit([entryAt(index, `entry ${index}`)], () => undefined)
      await settle()
    }
    const damaged = new ModelDisk(disk.imageAfter(Infinity, () => 'lost'))
    damaged.openNow(file, 'existing').writeNow(2 * 4096 + 100, [Buffer.from('?')])
    const { opened, world } = await openOn(damaged)
    expect(opened.recovered.isDamaged).toBe(true)
    expect(world.errors).toEqual(['a group of the journal is damaged and a later one is not'])
    const log = opened.recovered.get({ topicId, partition: 4 })
    expect(log?.entries.map(entry => entry.baseOffset)).toEqual([0, 1, 3, 4])
    expect(log?.durableOffset).toBe(4)
  })

  it('cannot be opened on a disk that is too small for them', async () => {
    const disk = new ModelDisk(new DiskImage())
    const { opened } = await openOn(disk)
    disk.capacityBytes = 100_000
    await expect(opened.start()).rejects.toMatchObject({ code: 'ENOSPC' })
  })
})
