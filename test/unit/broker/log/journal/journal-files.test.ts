import { describe, expect, it } from 'vitest'
import {
  JournalFiles,
  roomOf,
} from '../../../../../packages/broker/src/log/journal/journal-files.ts'
import { DiskImage } from '../../../../support/disk-image.ts'
import { entryAt, reopen, startFresh, topicId } from '../../../../support/journal-on-disk.ts'
import { quietWorld, settle } from '../../../../support/journal-world.ts'
import { ModelDisk } from '../../../../support/model-disk.ts'

const growing = { firstFileBytes: 8_192, fileBytes: 65_536, fileCountMax: 3, spareBytes: 100_000 }

const prepare = async () => {
  const disk = new ModelDisk(new DiskImage())
  await disk.makeDirectory('/data')
  const world = quietWorld(disk)
  const files = new JournalFiles(world, '/data', { limits: growing, firstNumber: 1 })
  await files.prepare()
  const sizes = async () => (await disk.list('/data'))?.map(entry => entry.sizeBytes)
  return { disk, world, files, sizes }
}

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

  it('grow fourfold each time one is taken into use, until they have their size and number', async () => {
    const { files, sizes } = await prepare()
    expect(await sizes()).toEqual([8_192, 8_192])
    let sequence = 1
    for (let round = 0; round < 12; round += 1) {
      files.release(sequence)
      files.confirm(sequence)
      files.advance(sequence)
      sequence += 1
      await settle()
    }
    expect(await sizes()).toEqual([65_536, 65_536, 65_536])
  })

  it('do not grow into what must stay free of the disk, and try again later', async () => {
    const { disk, world, files, sizes } = await prepare()
    disk.capacityBytes = 120_000
    files.grow()
    await settle()
    expect(await sizes()).toEqual([8_192, 8_192])
    disk.capacityBytes = 1_000_000
    files.grow()
    await settle()
    expect(await sizes()).toEqual([8_192, 8_192])
    world.clock.advance(10_000)
    files.grow()
    await settle()
    expect(await sizes()).toEqual([8_192, 8_192, 32_768])
  })

  it('are not overwritten before a group that no longer needs them is durable', async () => {
    const { files } = await prepare()
    const first = files.current
    first.firstSequence = 1
    first.needed.set('a', 1)
    expect(files.advance(2)).toBeDefined()
    await settle()
    files.advance(3)
    files.segmentsSynced('a', 1)
    expect(files.neededFrom(4)).toBe(4)
    files.release(4)
    files.confirm(3)
    const taken = []
    for (let next = files.advance(4); next !== undefined; next = files.advance(4)) taken.push(next)
    expect(taken).not.toContain(first)
    files.confirm(4)
    expect(files.advance(5)).toBe(first)
  })

  it('keep their last block for the group that says what is free', async () => {
    const { files } = await prepare()
    expect(roomOf(files.current)).toBe(4_096)
  })
})
