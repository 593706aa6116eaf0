import { describe, expect, it } from 'vitest'
import { removeJournal } from '../../../../../packages/broker/src/log/journal/recover.ts'
import { DiskImage } from '../../../../support/disk-image.ts'
import {
  entryAt,
  openOn,
  reopen,
  startFresh,
  topicId,
} from '../../../../support/journal-on-disk.ts'
import { settle } from '../../../../support/journal-world.ts'
import { ModelDisk } from '../../../../support/model-disk.ts'

describe('opening a journal', () => {
  it('finds nothing where no broker was, and a crash where one had only begun', async () => {
    const { opened } = await openOn(new ModelDisk(new DiskImage()))
    expect(opened.recovered).toMatchObject({ isUnclean: false, logs: [] })
    const { disk } = await startFresh()
    const again = await reopen(disk)
    expect(again.opened.recovered).toMatchObject({ isUnclean: true, isDamaged: false, logs: [] })
  })

  it('changes nothing when it is given up', async () => {
    const { disk, journal } = await startFresh()
    journal.commit([entryAt(0, 'a')], () => undefined)
    await settle()
    const first = await reopen(disk)
    await first.opened.close()
    expect((await reopen(disk)).log?.entries).toHaveLength(1)
  })

  it('begins a new generation, in which nothing of the old one is found', async () => {
    const { disk, journal } = await startFresh()
    journal.commit([entryAt(0, 'old')], () => undefined)
    await settle()
    const again = await openOn(new ModelDisk(disk.imageAfter(Infinity, () => 'lost')))
    const second = await again.opened.start()
    second.commit([entryAt(5, 'new')], () => undefined)
    await settle()
    const { log } = await reopen(again.disk)
    expect(log?.entries.map(entry => entry.baseOffset)).toEqual([5])
  })
})

describe('a journal', () => {
  it('is gone after a clean stop', async () => {
    const { disk, journal, world } = await startFresh()
    journal.commit([entryAt(0, 'a')], () => undefined)
    await journal.close()
    await removeJournal(world, '/data')
    expect(await disk.list('/data')).toEqual([])
    const { opened } = await reopen(disk)
    expect(opened.recovered).toMatchObject({ isUnclean: false, isDamaged: false, logs: [] })
  })

  it('says so when a group in the middle is damaged, and gives back the others', async () => {
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

  it('cannot be started on a disk that is too small for its files', async () => {
    const disk = new ModelDisk(new DiskImage())
    const { opened } = await openOn(disk)
    disk.capacityBytes = 100_000
    await expect(opened.start()).rejects.toMatchObject({ code: 'ENOSPC' })
  })
})
