import { describe, expect, it } from 'vitest'
import type { PartitionLog } from '../../../../packages/broker/src/log/partition-log.ts'
import {
  emptyImage,
  type MetadataImage,
  type TopicImage,
} from '../../../../packages/broker/src/metadata/image.ts'
import type { Partition } from '../../../../packages/broker/src/replication/partition.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { GatedDisk } from '../../../support/gated-disk.ts'
import { quietWorld, settle } from '../../../support/journal-world.ts'
import { append, DATA, imageOf, openHarness, TOPIC_ID } from '../../../support/log-harness.ts'
import { ModelDisk } from '../../../support/model-disk.ts'

const folders = async (disk: ModelDisk) =>
  ((await disk.list(DATA)) ?? [])
    .filter(({ name, isDirectory }) => isDirectory && !name.startsWith('__'))
    .map(({ name }) => name)

describe('the partitions of a broker', () => {
  it('follow the metadata: made, moved to a new epoch, deleted', async () => {
    const disk = new ModelDisk(new DiskImage())
    const world = quietWorld(disk)
    const broker = await openHarness(world)
    await broker.directory.applyImage(imageOf({ partitions: 2, leaderEpoch: 4 }))
    expect(broker.directory.count).toBe(2)
    expect(broker.partition(1).leaderEpoch).toBe(4)
    append(broker.partition(1), { values: ['a'] })
    const done: string[] = []
    broker.partition(1).whenCommitted(1, error => done.push(error))
    await broker.directory.applyImage(emptyImage('cluster'))
    expect(done).toEqual(['UNKNOWN_TOPIC_OR_PARTITION'])
    expect(broker.directory.get(TOPIC_ID, 0)).toBeUndefined()
    expect((await folders(disk)).every(name => name.endsWith('-delete'))).toBe(true)
    world.clock.advance(60_000)
    await settle()
    expect(await folders(disk)).toEqual([])
    await broker.close()
  })

  it('are deleted in the middle of a sync without harm to the others', async () => {
    const gate = new GatedDisk(new ModelDisk(new DiskImage()))
    const world = quietWorld(gate)
    const broker = await openHarness(world, { unsyncedBytes: 1_000 })
    append(broker.partition(), { values: ['x'.repeat(3_000)] })
    gate.close()
    await broker.flush()
    expect(gate.waiting).toBeGreaterThan(0)
    const deleted = broker.directory.applyImage(emptyImage('cluster'))
    await settle()
    gate.release()
    await deleted
    await settle()
    expect(broker.failures).toEqual([])
    await broker.close()
  })

  it('leave a folder alone that the metadata does not know', async () => {
    const disk = new ModelDisk(new DiskImage())
    const world = quietWorld(disk)
    const broker = await openHarness(world, { partitions: 2 })
    await broker.close()
    const second = await openHarness(world, { partitions: 1 })
    expect(second.directory.count).toBe(1)
    expect(await folders(disk)).toEqual(['events-0', 'events-1'])
  })

  it('are offline when their folder belongs to another topic', async () => {
    const disk = new ModelDisk(new DiskImage())
    const world = quietWorld(disk)
    await (await openHarness(world)).close()
    await disk.writeFileAtomically(
      `${DATA}/events-0/partition.metadata`,
      Buffer.from('version: 0\ntopic_id: BBBBBBBBBBBBBBBBBBBBBw'),
    )
    const broker = await openHarness(world)
    expect(broker.partition().isOffline).toBe(true)
    expect(broker.partition().logEndOffset).toBeGreaterThan(2 ** 50)
  })

  describe('whose deletion a crash interrupted', () => {
    const NEW_ID = 'BBBBBBBBBBBBBBBBBBBBBw'
    const renewed = (): MetadataImage => {
      const [topic] = imageOf({}).topics.byId.values()
      const taken = { ...(topic as TopicImage), topicId: NEW_ID }
      const topics = { byId: new Map([[NEW_ID, taken]]), byName: new Map([['events', taken]]) }
      return { ...emptyImage('cluster'), topics }
    }

    const withRecords = async () => {
      const disk = new ModelDisk(new DiskImage())
      const first = await openHarness(quietWorld(disk))
      for (const value of ['a', 'b', 'c']) append(first.partition(), { values: [value] })
      await first.flush()
      await first.close()
      return disk
    }

    it('are deleted at the start, by the record that removed their topic', async () => {
      const disk = await withRecords()
      const world = quietWorld(disk)
      const broker = await openHarness(world, {
        ...{ image: renewed(), removedTopicIds: [TOPIC_ID] },
      })
      const partition = broker.directory.get(NEW_ID, 0)
      expect([partition?.isOffline, partition?.logEndOffset]).toEqual([false, 0])
      expect(await folders(disk)).toEqual(['events-0'])
      append(partition as Partition, { values: ['new'] })
      await broker.flush()
      const again = await openHarness(quietWorld(afterPowerLoss(disk)), { image: renewed() })
      expect(again.directory.get(NEW_ID, 0)?.highWatermark).toBe(1)
    })

    it('leave nothing behind that a topic of the same name would be measured by', async () => {
      const disk = await withRecords()
      const broker = await openHarness(quietWorld(disk))
      const before = disk.operations.length
      await broker.directory.applyImage(emptyImage('cluster'))
      for (let count = before; count <= disk.operations.length; count++) {
        const crashed = new ModelDisk(disk.imageAfter(count, () => 'kept'))
        const again = await openHarness(quietWorld(crashed), {
          ...{ image: renewed(), removedTopicIds: [TOPIC_ID] },
        })
        expect(again.directory.get(NEW_ID, 0)?.isOffline, `operation ${count}`).toBe(false)
      }
    })
  })

  it('are looked at only when their topic changed', async () => {
    const broker = await openHarness(quietWorld(new ModelDisk(new DiskImage())))
    const image = imageOf({ leaderEpoch: 1 })
    await broker.directory.applyImage(image)
    const log = broker.partition().log as PartitionLog
    const { settings } = log
    await broker.directory.applyImage({ ...image, revision: 9 })
    expect(log.settings).toBe(settings)
    await broker.directory.applyImage({ ...image, brokerConfigs: new Map() })
    expect(log.settings).not.toBe(settings)
  })

  it.each(['read', 'write'] as const)(
    'keep what only the journal holds when their log cannot be loaded for a failing %s',
    async failing => {
      const disk = new ModelDisk(new DiskImage())
      const broker = await openHarness(quietWorld(disk))
      for (const value of ['a', 'b', 'c']) append(broker.partition(), { values: [value] })
      await broker.flush()
      expect(broker.partition().highWatermark).toBe(3)
      const sick = afterPowerLoss(disk)
      sick.fault = (call, path) => (call === failing && path.endsWith('.log') ? 'EIO' : undefined)
      const second = openHarness(quietWorld(sick))
      if (failing === 'write') await expect(second).rejects.toMatchObject({ code: 'EIO' })
      else expect((await second).partition().isOffline).toBe(true)
      const well = await openHarness(quietWorld(afterPowerLoss(sick)))
      expect(well.partition().highWatermark).toBe(3)
    },
  )

  it('are made when there is room, if a full disk had none, and not before', async () => {
    const disk = new ModelDisk(new DiskImage())
    const world = quietWorld(disk)
    const broker = await openHarness(world, { partitions: 1 })
    disk.fault = call => (call === 'write' ? 'ENOSPC' : undefined)
    await broker.directory.applyImage(imageOf({ partitions: 2, leaderEpoch: 1 }))
    const offline = broker.partition(1)
    expect(offline.isOffline).toBe(true)
    world.clock.advance(1_000)
    await settle()
    expect(broker.partition(1).isOffline).toBe(true)
    await broker.directory.applyImage(imageOf({ partitions: 2, leaderEpoch: 6 }))
    disk.fault = () => undefined
    world.clock.advance(1_000)
    await settle()
    expect(broker.partition(1)).toMatchObject({ isOffline: false, leaderEpoch: 6, logEndOffset: 0 })
    await broker.close()
  })

  it('write nothing any more once they were abandoned', async () => {
    const disk = new ModelDisk(new DiskImage())
    const world = quietWorld(disk)
    const broker = await openHarness(world)
    append(broker.partition(), { values: ['a'] })
    await broker.flush()
    await broker.directory.abandon()
    const count = disk.operations.length
    expect(() => append(broker.partition(), { values: ['b'] })).toThrow('KAFKA_STORAGE_ERROR')
    world.clock.advance(20_000)
    await settle()
    expect(
      disk.operations.slice(count).filter(({ path }) => path.startsWith(`${DATA}/events`)),
    ).toEqual([])
  })
})

const afterPowerLoss = (disk: ModelDisk) =>
  new ModelDisk(disk.imageAfter(disk.operations.length, () => 'lost'))
