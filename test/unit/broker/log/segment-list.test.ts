import { describe, expect, it } from 'vitest'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import { append, DATA, openHarness } from '../../../support/log-harness.ts'
import { ModelDisk } from '../../../support/model-disk.ts'
import { readValues } from '../../../support/read-log.ts'

/** A log whose roll at offset 2 found the disk full, and that has gone on without it up to offset 4. */
const afterRollTakenBack = async () => {
  const disk = new ModelDisk(new DiskImage())
  const world = quietWorld(disk)
  const broker = await openHarness(world, { settings: { segmentBytes: 1000 } })
  const partition = broker.partition()
  append(partition, { values: ['a'.repeat(500)] })
  await broker.flush()
  disk.fault = (call, path) => (call === 'write' && path.endsWith('2.log') ? 'ENOSPC' : undefined)
  append(partition, { values: ['b'.repeat(100)] })
  append(partition, { values: ['c'.repeat(500)] })
  await broker.flush()
  expect(partition.logEndOffset).toBe(1)
  disk.fault = () => undefined
  for (const value of ['d', 'e', 'f']) append(partition, { values: [value] })
  await broker.flush()
  expect(partition.highWatermark).toBe(4)
  return { disk, world, broker }
}

const logFiles = async (disk: ModelDisk) =>
  ((await disk.list(`${DATA}/events-0`)) ?? [])
    .map(({ name }) => name)
    .filter(name => name.endsWith('.log'))

describe('the segments of a log', () => {
  it('leave no file of a roll that was taken back', async () => {
    const { disk, world, broker } = await afterRollTakenBack()
    expect(await logFiles(disk)).toEqual(['00000000000000000000.log'])
    append(broker.partition(), { values: ['g'.repeat(900)] })
    await broker.flush()
    await broker.close()
    const again = await openHarness(world)
    expect((await readValues(again.partition())).map(({ offset }) => offset)).toEqual([
      0, 1, 2, 3, 4,
    ])
    const read = await again.partition().read({
      ...{ offset: 3, maxBytes: 1, upTo: 'high watermark', firstBatchWhole: true },
    })
    expect(read.parts[0]?.subarray(0, 8).at(7)).toBe(3)
  })

  it('are without an empty file that a power cut brought back', async () => {
    const { disk, world, broker } = await afterRollTakenBack()
    append(broker.partition(), { values: ['g'.repeat(900)] })
    await broker.flush()
    await broker.close()
    for (const offset of [2, 7])
      disk.openNow(`${DATA}/events-0/0000000000000000000${offset}.log`, 'create')
    const again = await openHarness(world)
    expect(again.partition().logEndOffset).toBe(5)
    expect((await readValues(again.partition())).map(({ offset }) => offset)).toEqual([
      0, 1, 2, 3, 4,
    ])
    expect(await logFiles(disk)).toEqual(['00000000000000000000.log', '00000000000000000004.log'])
  })
})
