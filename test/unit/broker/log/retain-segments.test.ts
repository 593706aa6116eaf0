import { describe, expect, it } from 'vitest'
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
