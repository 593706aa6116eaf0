import { describe, expect, it } from 'vitest'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld, settle } from '../../../support/journal-world.ts'
import { append, batchOf, DATA, openHarness } from '../../../support/log-harness.ts'
import { ModelDisk } from '../../../support/model-disk.ts'
import { readValues } from '../../../support/read-log.ts'

const newWorld = () => quietWorld(new ModelDisk(new DiskImage()))

describe('a partition', () => {
  it('acknowledges a batch once it is durable and shows it then', async () => {
    const broker = await openHarness(newWorld())
    const partition = broker.partition()
    const done: string[] = []
    const { baseOffset, lastOffset } = append(partition, { values: ['a', 'b'] })
    partition.whenCommitted(lastOffset + 1, error => done.push(error))
    expect([baseOffset, lastOffset, partition.logEndOffset, partition.highWatermark, done]).toEqual(
      [0, 1, 2, 0, []],
    )
    expect(partition.bytesAvailable(0, 'high watermark')).toBe(0)
    await broker.flush()
    expect([partition.highWatermark, done]).toEqual([2, ['NONE']])
    expect(await readValues(partition)).toEqual([
      { offset: 0, value: 'a' },
      { offset: 1, value: 'b' },
    ])
    expect(partition.bytesAvailable(0, 'high watermark')).toBe(
      batchOf({ values: ['a', 'b'] }).length,
    )
  })

  it('serves after a clean stop what it held before, without looking through the log', async () => {
    const world = newWorld()
    const before = await openHarness(world)
    for (let index = 0; index < 50; index++)
      append(before.partition(), { values: [`value ${index}`, 'x'.repeat(500)] })
    await before.flush()
    await before.close()
    const after = await openHarness(world)
    expect(after.logDirectory.lastStop).toBe('clean')
    expect(after.partition().highWatermark).toBe(100)
    expect((await readValues(after.partition(), { from: 42 })).slice(0, 1)).toEqual([
      { offset: 42, value: 'value 21' },
    ])
    expect(append(after.partition(), { values: ['next'] }).baseOffset).toBe(100)
    expect(world.errors).toEqual([])
  })
})

describe('a partition that has ended', () => {
  it('takes nothing more, and keeps nobody waiting who comes late', async () => {
    const broker = await openHarness(newWorld())
    const partition = broker.partition()
    append(partition, { values: ['a'] })
    await broker.flush()
    append(partition, { values: ['b'] })
    const done: string[] = []
    const wait = (nextOffset: number) =>
      partition.whenCommitted(nextOffset, error => done.push(error))
    wait(2)
    partition.end('UNKNOWN_TOPIC_OR_PARTITION')
    wait(2)
    wait(1)
    expect(done).toEqual(['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_OR_PARTITION', 'NONE'])
    expect(partition.append(batchOf({ values: ['c'] }), { now: 0 })).toMatchObject({
      error: 'UNKNOWN_TOPIC_OR_PARTITION',
    })
    expect(partition.hasEnded).toBe(true)
  })
})

describe('deleting the records of a partition', () => {
  const LOG_STARTS = `${DATA}/log-start-offset-checkpoint`

  async function withRecords() {
    const disk = new ModelDisk(new DiskImage())
    const broker = await openHarness(quietWorld(disk))
    for (const value of ['a', 'b', 'c']) append(broker.partition(), { values: [value] })
    await broker.flush()
    const startOnDisk = async () => (await disk.readFile(LOG_STARTS))?.toString()
    return { disk, partition: broker.partition(), startOnDisk }
  }

  it('is told to the second who asks for the same when it is on the disk', async () => {
    const { disk, partition, startOnDisk } = await withRecords()
    let finish = (): void => undefined
    const replace = disk.writeFileAtomically.bind(disk)
    disk.writeFileAtomically = async (path, content) => {
      await new Promise<void>(done => (finish = done))
      await replace(path, content)
    }
    void partition.deleteRecordsBefore(2)
    let isToldTo = 'nobody'
    const second = partition.deleteRecordsBefore(2).then(() => (isToldTo = 'the second'))
    await settle()
    expect([isToldTo, await startOnDisk(), partition.logStartOffset]).toEqual([
      'nobody',
      undefined,
      0,
    ])
    finish()
    await second
    expect([await startOnDisk(), partition.logStartOffset]).toEqual(['0\n1\nevents 0 2\n', 2])
  })

  it('is not taken for done when it is asked for again after the disk was full', async () => {
    const { disk, partition, startOnDisk } = await withRecords()
    disk.fault = call => (call === 'write' ? 'ENOSPC' : undefined)
    await expect(partition.deleteRecordsBefore(2)).rejects.toThrow('ENOSPC')
    await expect(partition.deleteRecordsBefore(2)).rejects.toThrow('ENOSPC')
    expect(partition.logStartOffset).toBe(0)
    disk.fault = () => undefined
    expect(await partition.deleteRecordsBefore(1)).toEqual({ logStartOffset: 2 })
    expect(await startOnDisk()).toBe('0\n1\nevents 0 2\n')
  })
})
