import { crc32c, nodeCodecs } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { ProducerQuota } from '../../../../packages/broker/src/log/producer-quota.ts'
import type { Checkpoints } from '../../../../packages/broker/src/replication/checkpoints.ts'
import { Housekeeping } from '../../../../packages/broker/src/replication/housekeeping.ts'
import type { Partition } from '../../../../packages/broker/src/replication/partition.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld, settle } from '../../../support/journal-world.ts'
import {
  append,
  batchOf,
  DATA,
  type HarnessOptions,
  openHarness,
  plainLimits,
} from '../../../support/log-harness.ts'
import { ModelDisk } from '../../../support/model-disk.ts'

const FIRST_LOOK_MS = 30_000
/** A timer is set again only when the work that it began has ended. */
const STEP_MS = 30_000

async function opened(options: HarnessOptions) {
  const disk = new ModelDisk(new DiskImage())
  const world = quietWorld(disk)
  return { disk, world, broker: await openHarness(world, options) }
}

const textOf = async (disk: ModelDisk, name: string) =>
  (await disk.readFile(`${DATA}/${name}`))?.toString()

/** Lets time pass, and what a timer began come to its end. */
async function pass(world: ReturnType<typeof quietWorld>, ms: number) {
  for (let passed = 0; passed < ms; passed += STEP_MS) {
    world.clock.advance(Math.min(STEP_MS, ms - passed))
    for (let turn = 0; turn < 3; turn++) await settle()
  }
}

describe('housekeeping', () => {
  it('deletes what is too old, soon after the start and then at every interval', async () => {
    const { world, broker } = await opened({
      settings: { retentionMs: 100_000 },
      limits: { retentionCheckIntervalMs: 60_000 },
    })
    const partition = broker.partition()
    append(partition, { values: ['first'], timestamp: 1_000 })
    await broker.flush()
    await pass(world, FIRST_LOOK_MS)
    expect(partition.logStartOffset).toBe(0)
    await pass(world, 60_000)
    expect(partition.logStartOffset).toBe(0)
    await pass(world, 60_000)
    expect(partition.logStartOffset).toBe(1)
    append(partition, { values: ['second'], timestamp: world.clock.now() })
    await broker.flush()
    await pass(world, 180_000)
    expect(partition.logStartOffset).toBe(2)
  })

  it('keeps what is not committed, however old', async () => {
    const { world, broker, disk } = await opened({
      settings: { retentionMs: 10 },
      limits: { retentionCheckIntervalMs: 60_000 },
    })
    const sync = disk.sync.bind(disk)
    disk.sync = () => new Promise(() => undefined)
    append(broker.partition(), { values: ['old'], timestamp: 1 })
    await broker.flush()
    await pass(world, FIRST_LOOK_MS)
    expect([broker.partition().highWatermark, broker.partition().sizeBytes > 0]).toEqual([0, true])
    expect(broker.partition().logStartOffset).toBe(0)
    disk.sync = sync
  })

  it('retains the other logs when the files of one cannot be read', async () => {
    const options = { partitions: 3, settings: { retentionMs: 10, segmentBytes: 230 } }
    const disk = new ModelDisk(new DiskImage())
    const first = await openHarness(quietWorld(disk), options)
    for (const index of [0, 1, 2])
      for (const value of ['a', 'b'])
        append(first.partition(index), { values: [value.repeat(150)], timestamp: 1 })
    await first.flush()
    await first.close()
    const world = quietWorld(disk)
    const broker = await openHarness(world, options)
    await broker.directory.openAll()
    disk.fault = (call, path) => (call === 'read' && path.includes('events-1/') ? 'EIO' : undefined)
    await pass(world, FIRST_LOOK_MS)
    expect([0, 1, 2].map(index => broker.partition(index).logStartOffset)).toEqual([2, 0, 2])
  })

  it('writes the checkpoints at their interval, and again after a write that failed', async () => {
    const { disk, world, broker } = await opened({ limits: { checkpointIntervalMs: 60_000 } })
    append(broker.partition(), { values: ['a'] })
    await broker.flush()
    expect(await textOf(disk, 'replication-offset-checkpoint')).toBeUndefined()
    await pass(world, FIRST_LOOK_MS)
    expect(await textOf(disk, 'replication-offset-checkpoint')).toBe('0\n1\nevents 0 1\n')
    append(broker.partition(), { values: ['b'] })
    await broker.flush()
    disk.fault = (call, path) =>
      call === 'write' && path.includes('checkpoint') ? 'ENOSPC' : undefined
    await pass(world, 60_000)
    expect(await textOf(disk, 'replication-offset-checkpoint')).toBe('0\n1\nevents 0 1\n')
    disk.fault = () => undefined
    await pass(world, 60_000)
    expect(await textOf(disk, 'replication-offset-checkpoint')).toBe('0\n1\nevents 0 2\n')
  })

  it('forgets a producer that was idle for its time, and not one that was not', async () => {
    const { world, broker } = await opened({
      limits: {
        producerIdExpirationMs: 120_000,
        producerIdExpirationCheckIntervalMs: 60_000,
        producerIdsMax: 2,
      },
    })
    const partition = broker.partition()
    append(partition, { values: ['a'], producerId: 1, baseSequence: 0 })
    append(partition, { values: ['a'], producerId: 2, baseSequence: 0 })
    await broker.flush()
    const newcomer = () => partition.append(batchOf({ values: ['a'], producerId: 3 }), { now: 0 })
    expect(newcomer()).toMatchObject({ error: 'THROTTLING_QUOTA_EXCEEDED' })
    await pass(world, FIRST_LOOK_MS + 60_000)
    append(partition, { values: ['b'], producerId: 2, baseSequence: 1 })
    await broker.flush()
    await pass(world, 120_000)
    const ids = () => [...(partition.log?.producers.entries() ?? [])].map(one => one.producerId)
    expect(ids()).toEqual([2])
    expect(newcomer()).toMatchObject({ outcome: 'appended' })
  })

  it('lets the indexes of segments go that nobody reads, and finds them again', async () => {
    const { world, broker } = await opened({
      settings: { segmentBytes: 230, indexIntervalBytes: 10 },
      limits: { tailCacheBytes: 0 },
    })
    const partition = broker.partition()
    for (const value of ['a', 'b', 'c']) append(partition, { values: [value.repeat(150)] })
    await broker.flush()
    await partition.log?.syncSegments()
    const first = partition.log?.segments.first
    await pass(world, FIRST_LOOK_MS)
    await pass(world, 300_000)
    expect(first?.indexes).toBeUndefined()
    expect(await partition.offsetForTimestamp(1_000)).toMatchObject({ offset: 0 })
  })
})

describe('the keeper of the house', () => {
  function kept(partitions: readonly Partition[] = []) {
    const disk = new ModelDisk(new DiskImage())
    const failures: Error[] = []
    const quiet = quietWorld(disk)
    const world = { ...quiet, fail: (error: Error) => void failures.push(error) }
    let writes = 0
    const checkpoints = { writeAll: async () => void writes++ } as unknown as Checkpoints
    const quota = new ProducerQuota({ idsMax: 1, expirationMs: 1, sweepIntervalMs: 1 })
    const house = new Housekeeping(
      {
        ...{ world, limits: plainLimits, quota, checkpoints, checkpointed: () => partitions },
        tools: { codecs: nodeCodecs(), crc32c },
      },
      () => partitions,
    )
    return { disk, world: quiet, house, failures, writes: () => writes }
  }

  it('does nothing any more once it is closed', async () => {
    const { disk, world, house, writes } = kept()
    await disk.makeDirectory('/data/gone-delete')
    house.removeLater('/data/gone-delete', 1000)
    await house.close()
    await pass(world, 1_000_000)
    expect([writes(), world.clock.waitingCount]).toEqual([0, 0])
    expect(await disk.list('/data/gone-delete')).toEqual([])
  })

  it('is closed when what it had begun is done', async () => {
    let finish = (): void => undefined
    const retain = () => new Promise<void>(done => (finish = done))
    const log = { retain, isClosedOrOffline: true, expireProducers: () => undefined }
    const { world, house } = kept([{ log, highWatermark: 0 } as unknown as Partition])
    world.clock.advance(FIRST_LOOK_MS)
    let isClosed = false
    const closing = house.close().then(() => (isClosed = true))
    await settle()
    expect(isClosed).toBe(false)
    finish()
    await closing
    expect(world.clock.waitingCount).toBe(0)
  })

  it('is idle for a partition when its segments are deleted, and always for others', async () => {
    let finish = (): void => undefined
    const retain = () => new Promise<void>(done => (finish = done))
    const log = { retain, isClosedOrOffline: true, expireProducers: () => undefined }
    const busy = { log, highWatermark: 0 }
    const { world, house } = kept([busy as unknown as Partition])
    world.clock.advance(FIRST_LOOK_MS)
    await house.idle({} as Partition)
    let isIdle = false
    const idling = house.idle(busy as unknown as Partition).then(() => (isIdle = true))
    await settle()
    expect(isIdle).toBe(false)
    finish()
    await idling
    await house.close()
  })

  it('ends the broker over what is no failure of the disk', async () => {
    const retain = () => Promise.reject(new Error('a bug'))
    const log = { retain, isClosedOrOffline: true, expireProducers: () => undefined }
    const { world, failures } = kept([{ log, highWatermark: 0 } as unknown as Partition])
    await pass(world, FIRST_LOOK_MS)
    expect(failures.map(error => error.message)).toEqual(['a bug'])
  })
})
