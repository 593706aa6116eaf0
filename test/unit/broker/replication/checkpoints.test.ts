import { describe, expect, it } from 'vitest'
import { openLogDirectory } from '../../../../packages/broker/src/log/log-directory.ts'
import type { LogState } from '../../../../packages/broker/src/log/log-state.ts'
import { emptyImage } from '../../../../packages/broker/src/metadata/image.ts'
import { Checkpoints } from '../../../../packages/broker/src/replication/checkpoints.ts'
import type { Partition } from '../../../../packages/broker/src/replication/partition.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld, settle } from '../../../support/journal-world.ts'
import { append, DATA, imageOf, openHarness } from '../../../support/log-harness.ts'
import { afterPowerLoss } from '../../../support/log-parts.ts'
import { ModelDisk } from '../../../support/model-disk.ts'
import { readValues } from '../../../support/read-log.ts'

const RECOVERY_POINTS = `${DATA}/recovery-point-offset-checkpoint`
const LOG_STARTS = `${DATA}/log-start-offset-checkpoint`
const HIGH_WATERMARKS = `${DATA}/replication-offset-checkpoint`

const contentOf = async (disk: ModelDisk, path: string) => (await disk.readFile(path))?.toString()

async function opened(files: { readonly [path: string]: string } = {}) {
  const disk = new ModelDisk(new DiskImage())
  const world = quietWorld(disk)
  const logDirectory = await openLogDirectory({
    world,
    path: DATA,
    nodeId: 1,
    clusterId: 'cluster',
  })
  for (const [path, content] of Object.entries(files))
    await disk.writeFileAtomically(path, Buffer.from(content))
  return { disk, world, checkpoints: await Checkpoints.open(logDirectory, world) }
}

/** As much of a partition as a checkpoint looks at. */
const partitionAt = (offsets: {
  readonly recoveryPoint: number
  readonly highWatermark: number
  readonly logStartOffset: number
}) => {
  const { recoveryPoint, highWatermark, logStartOffset } = offsets
  const log = { recoveryPoint, nextStartOffset: logStartOffset }
  return { topic: 'events', partition: 3, highWatermark, log } as unknown as Partition
}

const identity = { topic: 'events', topicId: '', partition: 3, directory: '' }

describe('the checkpoints of a data folder', () => {
  it('say of each log what their files say, and 0 where they say nothing', async () => {
    const { checkpoints } = await opened({
      [RECOVERY_POINTS]: '0\n2\nevents 3 40\nevents 30 1\n',
      [LOG_STARTS]: '0\n1\nevents 3 7\n',
    })
    expect(checkpoints.areDamaged).toBe(false)
    expect(checkpoints.of(identity)).toEqual({ recoveryPoint: 40, logStartOffset: 7, cleanedTo: 0 })
    expect(checkpoints.of({ topic: 'other', partition: 3 })).toEqual({
      recoveryPoint: 0,
      logStartOffset: 0,
      cleanedTo: 0,
    })
  })

  it.each([
    ['recovery points', RECOVERY_POINTS],
    ['log starts', LOG_STARTS],
  ])('are damaged, and say so, when the file of the %s makes no sense', async (_, path) => {
    const { checkpoints, world } = await opened({ [path]: '0\n2\nevents 3 40\n' })
    expect(checkpoints.areDamaged).toBe(true)
    expect(checkpoints.of(identity)).toEqual({ recoveryPoint: 0, logStartOffset: 0, cleanedTo: 0 })
    expect(world.errors).toEqual(['A checkpoint file is damaged: every log is looked through.'])
  })

  it('are the three files that Kafka writes', async () => {
    const { checkpoints, disk } = await opened()
    await checkpoints.writeAll([
      partitionAt({ recoveryPoint: 40, highWatermark: 41, logStartOffset: 7 }),
    ])
    expect(await contentOf(disk, RECOVERY_POINTS)).toBe('0\n1\nevents 3 40\n')
    expect(await contentOf(disk, HIGH_WATERMARKS)).toBe('0\n1\nevents 3 41\n')
    expect(await contentOf(disk, LOG_STARTS)).toBe('0\n1\nevents 3 7\n')
  })

  it('say how far a log is clean, and have no file while nothing ever was', async () => {
    const path = `${DATA}/cleaner-offset-checkpoint`
    const { checkpoints, disk } = await opened()
    const all = () => [partitionAt({ recoveryPoint: 40, highWatermark: 41, logStartOffset: 7 })]
    await checkpoints.writeAll(all())
    expect(await contentOf(disk, path)).toBeUndefined()
    await checkpoints.cleaned(identity, 30, all)
    expect(await contentOf(disk, path)).toBe('0\n1\nevents 3 30\n')
    expect(checkpoints.of(identity).cleanedTo).toBe(30)
    await checkpoints.forget([identity], () => [])
    expect(await contentOf(disk, path)).toBe('0\n0\n')
  })

  it('write the recovery points before anybody relies on one, and not again when it is written', async () => {
    const { checkpoints, disk } = await opened()
    const all = () => [partitionAt({ recoveryPoint: 40, highWatermark: 41, logStartOffset: 7 })]
    await checkpoints.requireRecoveryPoint(identity, 40, all)
    expect(await contentOf(disk, RECOVERY_POINTS)).toBe('0\n1\nevents 3 40\n')
    const count = disk.operations.length
    await checkpoints.requireRecoveryPoint(identity, 40, all)
    expect(disk.operations.length).toBe(count)
  })

  it('leave out a log that begins where every log begins', async () => {
    const { checkpoints, disk } = await opened()
    await checkpoints.writeAll([
      partitionAt({ recoveryPoint: 0, highWatermark: 0, logStartOffset: 0 }),
    ])
    expect(await contentOf(disk, LOG_STARTS)).toBe('0\n0\n')
  })

  it('are written only when something changed', async () => {
    const { checkpoints, disk } = await opened()
    const offsets = { recoveryPoint: 40, highWatermark: 41, logStartOffset: 7 }
    await checkpoints.writeAll([partitionAt(offsets)])
    const { syncCount } = disk
    await checkpoints.writeAll([partitionAt(offsets)])
    expect(disk.syncCount).toBe(syncCount)
    await checkpoints.writeAll([partitionAt({ ...offsets, recoveryPoint: 41 })])
    expect(disk.syncCount).toBe(syncCount + 1)
  })

  it('keep what they said of a log that could not be loaded', async () => {
    const { checkpoints, disk } = await opened({ [RECOVERY_POINTS]: '0\n1\nevents 3 40\n' })
    await checkpoints.writeLoaded([
      { identity, state: new DiskError('recover', '/data/events-3', 'EBADMSG') },
      { identity: { ...identity, partition: 4 }, state: { logEndOffset: 9 } as LogState },
    ])
    expect(await contentOf(disk, RECOVERY_POINTS)).toBe('0\n2\nevents 3 40\nevents 4 9\n')
  })

  it('are not written again with what they say already', async () => {
    const { checkpoints, disk } = await opened({ [RECOVERY_POINTS]: '0\n1\nevents 3 40\n' })
    const { syncCount } = disk
    await checkpoints.writeLoaded([{ identity, state: undefined }])
    await checkpoints.requireRecoveryPoint(identity, 40, () => [])
    expect(disk.syncCount).toBe(syncCount)
    await checkpoints.writeLoaded([{ identity, state: { logEndOffset: 41 } as LogState }])
    expect(await contentOf(disk, RECOVERY_POINTS)).toBe('0\n1\nevents 3 41\n')
  })

  it('write the log starts once for all who wait, with the starts of that moment', async () => {
    const { checkpoints, disk } = await opened()
    let logStartOffset = 1
    const partitions = () => [partitionAt({ recoveryPoint: 40, highWatermark: 41, logStartOffset })]
    const { syncCount } = disk
    const first = checkpoints.writeLogStarts(partitions)
    logStartOffset = 2
    const second = checkpoints.writeLogStarts(partitions)
    await Promise.all([first, second])
    expect(disk.syncCount).toBe(syncCount + 1)
    expect(await contentOf(disk, LOG_STARTS)).toBe('0\n1\nevents 3 2\n')
  })

  it('tell a failure to whoever asked for that write, and write again at the next', async () => {
    const { checkpoints, disk } = await opened()
    const partitions = () => [
      partitionAt({ recoveryPoint: 1, highWatermark: 1, logStartOffset: 1 }),
    ]
    disk.fault = call => (call === 'write' ? 'ENOSPC' : undefined)
    await expect(checkpoints.writeLogStarts(partitions)).rejects.toThrow('ENOSPC')
    disk.fault = () => undefined
    await checkpoints.writeLogStarts(partitions)
    expect(await contentOf(disk, LOG_STARTS)).toBe('0\n1\nevents 3 1\n')
  })
})

describe('a start of a log that was moved', () => {
  it('stays written down while its segments are about to go', async () => {
    const disk = new ModelDisk(new DiskImage())
    const world = quietWorld(disk)
    const broker = await openHarness(world, { settings: { segmentBytes: 160 } })
    const partition = broker.partition()
    for (const value of ['a', 'b', 'c']) append(partition, { values: [value.repeat(80)] })
    await broker.flush()
    await partition.deleteRecordsBefore(1)
    const rename = disk.rename.bind(disk)
    disk.rename = (from, to) =>
      to.endsWith('.deleted') ? new Promise(() => undefined) : rename(from, to)
    void partition.log?.retain(world.clock.now(), partition.highWatermark)
    await settle()
    expect(partition.log?.segments.leavingBelow(0)).toBeDefined()
    world.clock.advance(60_000)
    await settle()
    const after = await openHarness(quietWorld(afterPowerLoss(disk)))
    expect(after.partition().logStartOffset).toBe(1)
  })
})

describe('a topic that takes the name of a deleted one', () => {
  const NEW_ID = 'BBBBBBBBBBBBBBBBBBBBBw'

  const renewed = () => {
    const [topic] = imageOf({}).topics.byId.values()
    const renamed = { ...(topic as NonNullable<typeof topic>), topicId: NEW_ID }
    const topics = { byId: new Map([[NEW_ID, renamed]]), byName: new Map([['events', renamed]]) }
    return { ...emptyImage('cluster'), topics }
  }

  const topicKnownToNobody = { image: emptyImage('cluster') }

  /** A folder whose checkpoints say of the deleted topic that it began at 2 and was synced up to 3. */
  const afterDeletion = async () => {
    const disk = new ModelDisk(new DiskImage())
    const world = quietWorld(disk)
    const first = await openHarness(world)
    for (const value of ['a', 'b', 'c']) append(first.partition(), { values: [value] })
    await first.flush()
    await first.partition().deleteRecordsBefore(2)
    await first.close()
    expect(await contentOf(disk, RECOVERY_POINTS)).toBe('0\n1\nevents 0 3\n')
    expect(await contentOf(disk, LOG_STARTS)).toBe('0\n1\nevents 0 2\n')
    const second = await openHarness(world)
    await second.directory.applyImage(topicKnownToNobody.image)
    return { disk, second }
  }

  const demandThatOnlyNewIsThere = async (disk: ModelDisk) => {
    const broker = await openHarness(quietWorld(afterPowerLoss(disk)), { image: renewed() })
    const partition = broker.directory.get(NEW_ID, 0) as Partition
    expect([partition.isOffline, partition.logStartOffset]).toEqual([false, 0])
    expect(await readValues(partition)).toEqual([{ offset: 0, value: 'new' }])
  }

  it('has none of its offsets', async () => {
    const { disk, second } = await afterDeletion()
    await second.directory.applyImage(renewed())
    append(second.directory.get(NEW_ID, 0) as Partition, { values: ['new'] })
    await second.flush()
    await demandThatOnlyNewIsThere(disk)
  })

  it('has none of its offsets either when the broker stopped in between', async () => {
    const { disk } = await afterDeletion()
    const restarted = afterPowerLoss(disk)
    const third = await openHarness(quietWorld(restarted), topicKnownToNobody)
    await third.directory.applyImage(renewed())
    append(third.directory.get(NEW_ID, 0) as Partition, { values: ['new'] })
    await third.flush()
    await demandThatOnlyNewIsThere(restarted)
  })
})
