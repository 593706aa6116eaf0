import { describe, expect, it } from 'vitest'
import {
  LogDirectoryError,
  openLogDirectory,
} from '../../../../packages/broker/src/log/log-directory.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import { ModelDisk } from '../../../support/model-disk.ts'

const open = (disk: ModelDisk, options: { nodeId?: number; clusterId?: string } = {}) =>
  openLogDirectory({
    world: quietWorld(disk),
    path: '/data',
    nodeId: options.nodeId ?? 1,
    clusterId: options.clusterId,
  })

describe('a data folder', () => {
  it('keeps its identity and knows how it was left', async () => {
    const disk = new ModelDisk(new DiskImage())
    const first = await open(disk)
    expect(first.lastStop).toBe('clean')
    await first.close('clean')
    const second = await open(disk)
    expect([second.clusterId, second.directoryId, second.lastStop]).toEqual([
      first.clusterId,
      first.directoryId,
      'clean',
    ])
    await second.close('unclean')
    expect((await open(disk)).lastStop).toBe('unclean')
  })

  it('does not believe the mark of a clean stop that was there before it', async () => {
    const disk = new ModelDisk(new DiskImage())
    await disk.makeDirectory('/data')
    await disk.writeFileAtomically('/data/.kafka_cleanshutdown', Buffer.from('{}'))
    await (await open(disk)).close('unclean')
    expect((await open(disk)).lastStop).toBe('unclean')
  })

  it('forgets the clean stop durably when it is opened', async () => {
    const disk = new ModelDisk(new DiskImage())
    await (await open(disk)).close('clean')
    await open(disk)
    const after = new ModelDisk(disk.imageAfter(disk.operations.length, () => 'lost'))
    expect((await open(after)).lastStop).toBe('unclean')
  })

  it('has a name that outlives a loss of power, and so have the folders around it (L7)', async () => {
    const disk = new ModelDisk(new DiskImage())
    const path = '/var/lib/varve'
    const world = quietWorld(disk)
    const { directoryId } = await openLogDirectory({
      world,
      path,
      nodeId: 1,
      clusterId: undefined,
    })
    const after = new ModelDisk(disk.imageAfter(disk.operations.length, () => 'lost'))
    const found = await after.readFile(`${path}/meta.properties`)
    expect(found?.toString()).toContain(directoryId)
  })

  it('does without the names of folders that it may not read', async () => {
    const disk = new ModelDisk(new DiskImage())
    disk.fault = (call, path) => (call === 'open' && path === '/' ? 'EACCES' : undefined)
    expect((await open(disk)).lastStop).toBe('clean')
  })

  it('is taken by one process, one node and one cluster', async () => {
    const disk = new ModelDisk(new DiskImage())
    const first = await open(disk, { clusterId: 'one' })
    await expect(open(disk)).rejects.toMatchObject({ code: 'ELOCKED' })
    await first.close('clean')
    await expect(open(disk, { nodeId: 2 })).rejects.toThrow(
      '/data belongs to node 1, not to node 2; start with node.id=1 to use it.',
    )
    await expect(open(disk, { clusterId: 'two' })).rejects.toThrow(LogDirectoryError)
  })

  it('is not taken over when it holds logs of somebody unknown', async () => {
    const disk = new ModelDisk(new DiskImage())
    await disk.makeDirectory('/data/orders-0')
    await expect(open(disk)).rejects.toThrow('orders-0')
  })
})
