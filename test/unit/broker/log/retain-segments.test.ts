import { describe, expect, it } from 'vitest'
import type { LogSettings } from '../../../../packages/broker/src/log/log-settings.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld, settle } from '../../../support/journal-world.ts'
import { append, DATA, openHarness } from '../../../support/log-harness.ts'
import { ModelDisk } from '../../../support/model-disk.ts'
import { readValues } from '../../../support/read-log.ts'

const newDisk = () => new ModelDisk(new DiskImage())

describe('retention', () => {
  it('deletes whole segments by size and keeps the rest readable', async () => {
    const disk = newDisk()
    const world = quietWorld(disk)
    const broker = await openHarness(world, {
      settings: { segmentBytes: 1000, retentionBytes: 2500 },
    })
    const partition = broker.partition()
    for (let index = 0; index < 20; index++) {
      append(partition, { values: [`${index}-${'x'.repeat(300)}`] })
      await broker.flush()
    }
    await partition.log?.retain(world.clock.now(), partition.highWatermark)
    expect(partition.logStartOffset).toBeGreaterThan(5)
    expect(partition.sizeBytes).toBeGreaterThanOrEqual(2500)
    expect((await readValues(partition))[0]?.offset).toBe(partition.logStartOffset)
    world.clock.advance(60_000)
    await settle()
    await settle()
    expect(
      (await disk.list(`${DATA}/events-0`))?.filter(({ name }) => name.endsWith('.deleted')),
    ).toEqual([])
  })

  it('rolls the active segment when all is too old, and keeps counting', async () => {
    const disk = newDisk()
    const world = quietWorld(disk)
    const broker = await openHarness(world, { settings: { retentionMs: 1000 } })
    append(broker.partition(), { values: ['old'], timestamp: 1 })
    await broker.flush()
    await broker.partition().log?.retain(1_000_000, broker.partition().highWatermark)
    expect([broker.partition().logStartOffset, broker.partition().logEndOffset]).toEqual([1, 1])
    const after = await openHarness(
      quietWorld(new ModelDisk(disk.imageAfter(disk.operations.length, () => 'lost'))),
    )
    expect(append(after.partition(), { values: ['new'] }).baseOffset).toBe(1)
  })

  it('leaves a log alone that was appended to while it was looked at', async () => {
    const broker = await openHarness(quietWorld(newDisk()), { settings: { retentionMs: 1000 } })
    const partition = broker.partition()
    append(partition, { values: ['old'], timestamp: 1 })
    await broker.flush()
    const retained = partition.log?.retain(1_000_000, partition.highWatermark)
    append(partition, { values: ['new'] })
    await retained
    await broker.flush()
    expect((await readValues(partition)).map(({ value }) => value)).toEqual(['old', 'new'])
  })
})

describe('a log whose oldest segments are being deleted', () => {
  /** Five records in segments of their own, of which two are to go. */
  async function given() {
    const disk = newDisk()
    const world = quietWorld(disk)
    const broker = await openHarness(world, {
      settings: { segmentBytes: 160, retentionBytes: 450, fileDeleteDelayMs: 1_000 },
    })
    const partition = broker.partition()
    for (let index = 0; index < 5; index++) append(partition, { values: [`${index}`.repeat(80)] })
    await broker.flush()
    const retain = () => partition.log?.retain(world.clock.now(), partition.highWatermark)
    return { disk, world, partition, retain }
  }

  const startAfter = async (image: DiskImage) =>
    (await openHarness(quietWorld(new ModelDisk(image)))).partition().logStartOffset

  it('tells nobody of a start that a crash at any operation could take back', async () => {
    const { disk, partition, retain } = await given()
    const told: { at: number; start: number }[] = []
    const { perform } = disk
    disk.perform = operation => {
      perform.call(disk, operation)
      told.push({ at: disk.operations.length, start: partition.logStartOffset })
    }
    await retain()
    disk.perform = perform
    told.push({ at: disk.operations.length, start: partition.logStartOffset })
    expect(told.at(-1)?.start).toBe(2)
    expect(new Set(told.map(({ start }) => start))).toEqual(new Set([0, 1, 2]))
    for (const { at, start } of told) {
      for (const survival of ['kept', 'lost'] as const)
        expect(
          await startAfter(disk.imageAfter(at, () => survival)),
          `${survival} after ${at}`,
        ).toBeGreaterThanOrEqual(start)
    }
  })

  it('lets a reader wait who comes meanwhile, and reads nothing of what is gone', async () => {
    const { disk, partition, retain } = await given()
    let isHeld = true
    let release = (): void => undefined
    const held = new Promise<void>(resolve => (release = resolve))
    const rename = disk.rename.bind(disk)
    disk.rename = async (from, to) => {
      await rename(from, to)
      if (isHeld && from.endsWith('.log')) await held
    }
    const retained = retain()
    await settle()
    const request = { maxBytes: 1_000, firstBatchWhole: true, upTo: 'high watermark' } as const
    let read: number | undefined
    const reading = Promise.resolve(partition.read({ ...request, offset: 0 })).then(
      ({ sizeBytes }) => (read = sizeBytes),
    )
    await settle()
    expect([read, partition.logStartOffset]).toEqual([undefined, 0])
    expect((await partition.read({ ...request, offset: 2 })).sizeBytes).toBeGreaterThan(0)
    isHeld = false
    release()
    await Promise.all([retained, reading])
    expect([read, partition.logStartOffset]).toEqual([0, 2])
  })

  it('makes room on a full disk, as far as the snapshots go that were written before', async () => {
    const disk = newDisk()
    const world = quietWorld(disk)
    const broker = await openHarness(world, { settings: { segmentBytes: 200 } })
    const partition = broker.partition()
    const appendTo = async (count: number): Promise<void> => {
      for (let index = partition.logEndOffset; index < count; index++) {
        const producer = { producerId: 1, baseSequence: index }
        append(partition, { values: [`${index}`.repeat(80)], ...producer })
        await broker.flush()
      }
    }
    await appendTo(3)
    await partition.log?.syncSegments()
    await appendTo(5)
    partition.log?.configure({ ...(partition.settings as LogSettings), retentionBytes: 0 })
    disk.capacityBytes = 1
    const retain = () => partition.log?.retain(world.clock.now(), partition.highWatermark)
    await retain()
    expect([partition.logStartOffset, partition.isOffline]).toEqual([2, false])
    await expect(retain()).rejects.toThrow('ENOSPC')
    disk.capacityBytes = Number.POSITIVE_INFINITY
    await retain()
    expect(partition.logStartOffset).toBe(4)
  })

  it('keeps a segment that cannot be renamed, and takes it the next time', async () => {
    const { disk, world, partition, retain } = await given()
    const rename = disk.rename.bind(disk)
    disk.rename = (from, to) =>
      from.endsWith('1.log')
        ? Promise.reject(new DiskError('rename', from, 'ENOSPC'))
        : rename(from, to)
    await expect(retain()).rejects.toThrow('ENOSPC')
    expect([partition.logStartOffset, partition.isOffline]).toEqual([1, false])
    expect((await readValues(partition)).map(({ offset }) => offset)).toEqual([1, 2, 3, 4])
    world.clock.advance(1_000)
    await settle()
    const names = (await disk.list(`${DATA}/events-0`))?.map(({ name }) => name)
    expect(names?.filter(name => name.endsWith('.deleted'))).toEqual([])
    disk.rename = rename
    await retain()
    expect(partition.logStartOffset).toBe(2)
  })

  it('goes offline when nobody knows whether a name is gone, and says nothing of a new start', async () => {
    const { disk, partition, retain } = await given()
    const rename = disk.rename.bind(disk)
    disk.rename = async (from, to) => {
      await rename(from, to)
      if (from.endsWith('.log')) disk.fault = call => (call === 'open' ? 'EIO' : undefined)
    }
    await expect(retain()).rejects.toThrow('EIO')
    expect([partition.logStartOffset, partition.isOffline]).toEqual([0, true])
  })

  it('goes on when there was no file handle left to sync the folder with', async () => {
    const { disk, partition, retain } = await given()
    const rename = disk.rename.bind(disk)
    disk.rename = async (from, to) => {
      await rename(from, to)
      if (from.endsWith('.log')) disk.fault = call => (call === 'open' ? 'EMFILE' : undefined)
    }
    const removed = partition.log?.segments.first
    await removed?.open()
    await expect(retain()).rejects.toThrow('EMFILE')
    expect([partition.logStartOffset, partition.isOffline]).toEqual([1, false])
    // It is out of the log, and nobody else would close it.
    expect(disk.openPaths).not.toContain(removed?.path)
    disk.fault = () => undefined
    disk.rename = rename
    await retain()
    expect(partition.logStartOffset).toBe(2)
  })
})
