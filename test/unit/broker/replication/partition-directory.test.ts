import { describe, expect, it } from 'vitest'
import type { PartitionLog } from '../../../../packages/broker/src/log/partition-log.ts'
import type { MetadataChange } from '../../../../packages/broker/src/metadata/change.ts'
import {
  emptyImage,
  type MetadataImage,
  type TopicImage,
} from '../../../../packages/broker/src/metadata/image.ts'
import type { Partition } from '../../../../packages/broker/src/replication/partition.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { GatedDisk } from '../../../support/gated-disk.ts'
import { quietWorld, settle } from '../../../support/journal-world.ts'
import {
  append,
  batchOf,
  DATA,
  type HarnessOptions,
  imageOf,
  openHarness,
  TOPIC_ID,
} from '../../../support/log-harness.ts'
import { imageWith, newTopic, topicIdOf } from '../../../support/metadata-image.ts'
import { ModelDisk } from '../../../support/model-disk.ts'

const INTERNAL = '__consumer_offsets'

const internalFolders = async (disk: ModelDisk) =>
  ((await disk.list(DATA)) ?? []).map(({ name }) => name).filter(name => name.startsWith(INTERNAL))

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
      await broker.directory.openAll()
      world.clock.advance(0)
      await settle()
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

  describe('of an internal topic', () => {
    const image = imageWith(...newTopic(INTERNAL, 3))
    const given = async (from = new DiskImage()) => {
      const disk = new ModelDisk(from)
      const world = quietWorld(disk)
      const broker = await openHarness(world, { image })
      const at = (index: number) => broker.directory.get(topicIdOf(INTERNAL), index) as Partition
      return { disk, world, broker, at }
    }

    it('have no folder until something is to be appended, and read as empty', async () => {
      const { disk, broker, at } = await given()
      expect(await internalFolders(disk)).toEqual([])
      const partition = at(1)
      expect(partition).toMatchObject({
        ...{ hasFolder: false, isOffline: false, leaderEpoch: 0, sizeBytes: 0 },
        ...{ logStartOffset: 0, logEndOffset: 0, highWatermark: 0, lastStableOffset: 0 },
      })
      const range = { offset: 0, maxBytes: 1_000, firstBatchWhole: true } as const
      expect(await partition.read({ ...range, upTo: 'log end' })).toMatchObject({ sizeBytes: 0 })
      expect(await partition.offsetForTimestamp(0)).toBeUndefined()
      expect(await partition.offsetOfMaxTimestamp()).toBeUndefined()
      expect(await partition.deleteRecordsBefore(-1)).toEqual({ logStartOffset: 0 })
      expect(() => append(partition, { values: ['a'] })).toThrow('L7')
      expect(await partition.makeFolder()).toBe('NONE')
      expect(await partition.makeFolder()).toBe('NONE')
      append(partition, { values: ['a'] })
      await broker.flush()
      expect(partition).toMatchObject({ hasFolder: true, highWatermark: 1 })
      expect(await internalFolders(disk)).toEqual([`${INTERNAL}-1`])
      await broker.close()
    })

    it('still have none after a restart, clean or not, and go on from there', async () => {
      const { disk, broker, at } = await given()
      await at(1).makeFolder()
      append(at(1), { values: ['a'] })
      await broker.flush()
      const crashed = await given(disk.imageAfter(disk.operations.length, () => 'lost'))
      expect([0, 1, 2].map(index => crashed.at(index).highWatermark)).toEqual([0, 1, 0])
      expect(await internalFolders(crashed.disk)).toEqual([`${INTERNAL}-1`])
      await crashed.broker.close()
      const again = await given(
        crashed.disk.imageAfter(crashed.disk.operations.length, () => 'kept'),
      )
      expect([0, 1, 2].map(index => again.at(index).hasFolder)).toEqual([false, true, false])
      expect(await again.at(2).makeFolder()).toBe('NONE')
      append(again.at(2), { values: ['b'] })
      await again.broker.flush()
      expect(again.at(2).highWatermark).toBe(1)
      expect(again.world.errors).toEqual([])
    })

    it('lose nothing in a crash at any operation while their first record is on its way', async () => {
      const { disk, broker, at } = await given()
      const before = disk.operations.length
      await at(0).makeFolder()
      append(at(0), { values: ['a'] })
      let committedAfter = Number.POSITIVE_INFINITY
      at(0).whenCommitted(1, () => {
        committedAfter = disk.operations.length
      })
      await broker.flush()
      expect(committedAfter).toBeLessThanOrEqual(disk.operations.length)
      for (const fate of ['lost', 'kept'] as const) {
        for (let count = before; count <= disk.operations.length; count++) {
          const again = await given(disk.imageAfter(count, () => fate))
          expect(again.at(0).isOffline, `${fate} after ${count}`).toBe(false)
          if (count >= committedAfter) expect(again.at(0).highWatermark).toBe(1)
          expect(await again.at(0).makeFolder()).toBe('NONE')
          append(again.at(0), { values: ['b'] })
        }
      }
    })

    it('are deleted without a trace where there is none, and cannot be made any more', async () => {
      const { disk, world, broker, at } = await given()
      const [untouched, used] = [at(0), at(1)]
      await used.makeFolder()
      append(used, { values: ['a'] })
      await broker.flush()
      await broker.directory.applyImage(imageWith())
      expect(await untouched.makeFolder()).toBe('UNKNOWN_TOPIC_OR_PARTITION')
      world.clock.advance(60_000)
      await settle()
      expect([await internalFolders(disk), world.errors]).toEqual([[], []])
      await broker.close()
    })

    it('say so when their folder cannot be made, and can be asked again', async () => {
      const { disk, broker, at } = await given()
      disk.fault = call => (call === 'write' ? 'ENOSPC' : undefined)
      expect(await at(0).makeFolder()).toBe('KAFKA_STORAGE_ERROR')
      expect(at(0).isOffline).toBe(false)
      disk.fault = () => undefined
      expect(await at(0).makeFolder()).toBe('NONE')
      append(at(0), { values: ['a'] })
      await broker.flush()
      expect(at(0).highWatermark).toBe(1)
    })
  })

  describe('of an internal topic whose folder is made in vain', () => {
    const given = async () => {
      const disk = new ModelDisk(new DiskImage())
      const world = quietWorld(disk)
      const broker = await openHarness(world, { image: imageWith(...newTopic(INTERNAL, 1)) })
      const partition = broker.directory.get(topicIdOf(INTERNAL), 0) as Partition
      /** All but its name is on the disk. */
      const failWith = (code: string) => {
        disk.fault = (call, path) => (call === 'open' && path === DATA ? code : undefined)
      }
      return { disk, world, broker, partition, failWith }
    }

    it('leave nothing of it to a topic that gets the name', async () => {
      const { disk, world, broker, partition, failWith } = await given()
      failWith('EMFILE')
      expect(await partition.makeFolder()).toBe('KAFKA_STORAGE_ERROR')
      disk.fault = () => undefined
      expect(await internalFolders(disk)).toEqual([`${INTERNAL}-0`])
      await broker.directory.applyImage(imageWith())
      const topicId = 'BBBBBBBBBBBBBBBBBBBBBA'
      const again = newTopic(INTERNAL, 1).map(change => ({
        ...change,
        topicId,
      })) as MetadataChange[]
      await broker.directory.applyImage(imageWith(...again))
      const next = broker.directory.get(topicId, 0) as Partition
      expect(next.isOffline).toBe(false)
      expect(await next.makeFolder()).toBe('NONE')
      expect(world.errors).toEqual([])
    })

    it('go offline when its name could not be synced (L6)', async () => {
      const { disk, world, partition, failWith } = await given()
      failWith('EIO')
      expect(await partition.makeFolder()).toBe('KAFKA_STORAGE_ERROR')
      disk.fault = () => undefined
      expect([partition.isOffline, partition.hasFolder]).toEqual([true, false])
      expect(partition.append(batchOf({ values: ['a'] }), { now: 0 })).toMatchObject({
        error: 'KAFKA_STORAGE_ERROR',
      })
      expect(world.errors).toEqual([
        'The folder of a partition could not be made: the partition goes offline.',
      ])
    })
  })

  it('are looked through after a clean stop, too, when no start could load them since a crash', async () => {
    const relaxed: HarnessOptions = { settings: { flushMode: 'relaxed' } }
    const log = `${DATA}/events-0/00000000000000000000.log`
    const disk = new ModelDisk(new DiskImage())
    const first = await openHarness(quietWorld(disk), relaxed)
    append(first.partition(), { values: ['a'] })
    await first.flush()
    await first.close()
    const killed = new ModelDisk(new DiskImage(), disk)
    const second = await openHarness(quietWorld(killed), relaxed)
    append(second.partition(), { values: ['late'], timestamp: 9_000 })
    await second.flush()
    const short = new ModelDisk(new DiskImage(), killed)
    short.fault = (call, path) => (call === 'open' && path === log ? 'EMFILE' : undefined)
    const third = await openHarness(quietWorld(short), relaxed)
    expect(third.partition().isOffline).toBe(true)
    short.fault = () => undefined
    await third.close()
    const last = await openHarness(quietWorld(new ModelDisk(new DiskImage(), short)), relaxed)
    last.partition()
    await last.directory.openAll()
    expect(last.partition().logEndOffset).toBe(2)
    expect(await last.partition().offsetForTimestamp(9_000)).toMatchObject({ offset: 1 })
    await last.close()
    expect(await short.readFile(`${DATA}/events-0/damaged`)).toBeUndefined()
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
