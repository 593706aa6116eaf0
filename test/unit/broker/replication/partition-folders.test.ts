import { describe, expect, it } from 'vitest'
import { openLogDirectory } from '../../../../packages/broker/src/log/log-directory.ts'
import { writePartitionMetadata } from '../../../../packages/broker/src/log/partition-metadata.ts'
import { Checkpoints } from '../../../../packages/broker/src/replication/checkpoints.ts'
import {
  doomedPath,
  tendFolders,
} from '../../../../packages/broker/src/replication/partition-folders.ts'
import type { LogFields } from '../../../../packages/broker/src/world.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import { DATA, TOPIC_ID } from '../../../support/log-harness.ts'
import { afterPowerLoss } from '../../../support/log-parts.ts'
import { ModelDisk } from '../../../support/model-disk.ts'

const RECOVERY_POINTS = `${DATA}/recovery-point-offset-checkpoint`

/** A data folder with these partition folders, each of the topic with that id, and what was said about it at the start. */
async function given(folders: { readonly [name: string]: string }) {
  const disk = new ModelDisk(new DiskImage())
  const quiet = quietWorld(disk)
  const warned: LogFields[] = []
  const log = {
    ...quiet.log,
    warn: (_: string, fields: LogFields = {}) => void warned.push(fields),
  }
  const world = { ...quiet, log }
  const options = { world, path: DATA, nodeId: 1, clusterId: 'cluster' }
  const logDirectory = await openLogDirectory(options)
  for (const [name, topicId] of Object.entries(folders)) {
    await disk.makeDirectory(`${DATA}/${name}`)
    await writePartitionMetadata(disk, `${DATA}/${name}`, topicId)
  }
  await disk.syncDirectory(DATA)
  await disk.writeFileAtomically(RECOVERY_POINTS, Buffer.from('0\n1\nevents 0 40\n'))
  const checkpoints = await Checkpoints.open(logDirectory, world)
  const tend = (
    removed: readonly string[],
    known: readonly string[],
    trusted: readonly string[] = [],
  ): Promise<ReadonlySet<string>> =>
    tendFolders({ world, logDirectory, removedTopicIds: new Set(removed) }, checkpoints, {
      ...{ known: new Set(known), trusted: new Set(trusted) },
    })
  const folderNames = async (on: ModelDisk = disk): Promise<string[]> =>
    ((await on.list(DATA)) ?? []).filter(entry => entry.isDirectory).map(({ name }) => name)
  return { disk, world, checkpoints, warned, tend, folderNames }
}

describe('the folders of partitions', () => {
  it('stay when the metadata knows them', async () => {
    const { tend, folderNames, warned } = await given({ 'events-0': TOPIC_ID })
    await tend([], ['events-0'])
    expect(await folderNames()).toEqual(['events-0'])
    expect(warned).toEqual([])
  })

  it('are removed that a stop has left half deleted, and no others whose names end like theirs (L11)', async () => {
    const doomed = doomedPath(quietWorld(new ModelDisk(new DiskImage())), 'events-0')
    const { tend, folderNames } = await given({ [doomed]: TOPIC_ID, 'backup-delete': TOPIC_ID })
    await tend([], [])
    expect(await folderNames()).toEqual(['backup-delete'])
  })

  it('stay and are named when nobody knows them (L11)', async () => {
    const { tend, folderNames, warned } = await given({ 'events-0': TOPIC_ID })
    await tend([], [])
    expect(await folderNames()).toEqual(['events-0'])
    expect(warned).toEqual([{ folder: 'events-0' }])
  })

  it('go when they wait for their deletion', async () => {
    const { disk, world, tend, folderNames, warned } = await given({ 'events-0': TOPIC_ID })
    await disk.rename(`${DATA}/events-0`, doomedPath(world, `${DATA}/events-0`))
    await tend([], [])
    expect(await folderNames()).toEqual([])
    expect(warned).toEqual([])
  })

  it('go when the topic of their id was removed, though a crash came before they were renamed', async () => {
    const { tend, folderNames, checkpoints } = await given({ 'events-0': TOPIC_ID })
    await tend([TOPIC_ID], [])
    expect(await folderNames()).toEqual([])
    expect(checkpoints.of({ topic: 'events', partition: 0 }).recoveryPoint).toBe(0)
  })

  it('stay when only their name is that of a removed topic', async () => {
    const { tend, folderNames } = await given({ 'events-0': TOPIC_ID })
    await tend(['BBBBBBBBBBBBBBBBBBBBBQ'], ['events-0'])
    expect(await folderNames()).toEqual(['events-0'])
  })

  it('are told of, as they are then, and not looked at when they are trusted', async () => {
    const { disk, tend } = await given({ 'events-0': TOPIC_ID, 'events-1': TOPIC_ID })
    const found = await tend([TOPIC_ID], ['events-0', 'events-1'], ['events-1'])
    expect([...found].filter(name => !name.endsWith('-delete'))).toEqual(['events-1'])
    expect(await disk.list(`${DATA}/events-1`)).toHaveLength(1)
  })

  it('have no checkpoint on the disk any more when their deletion is', async () => {
    const { disk, tend } = await given({ 'events-0': TOPIC_ID })
    await tend([TOPIC_ID], [])
    const left = afterPowerLoss(disk)
    expect((await left.readFile(RECOVERY_POINTS))?.toString()).toBe('0\n0\n')
  })
})
