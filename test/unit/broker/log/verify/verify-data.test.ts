import { crc32c } from '@varve/protocol'
import { expect, it } from 'vitest'
import type { Finding } from '../../../../../packages/broker/src/log/verify/finding.ts'
import {
  foldersOf,
  verifyData,
  type WalkedLog,
} from '../../../../../packages/broker/src/log/verify/verify-data.ts'
import type { VerifiedLog } from '../../../../../packages/broker/src/log/verify/verify-log.ts'
import { DiskImage } from '../../../../support/disk-image.ts'
import { quietWorld } from '../../../../support/journal-world.ts'
import { append, openHarness } from '../../../../support/log-harness.ts'
import { afterPowerLoss } from '../../../../support/log-parts.ts'
import { ModelDisk } from '../../../../support/model-disk.ts'

async function verified(disk: ModelDisk, ...wanted: string[]): Promise<VerifiedLog[]> {
  const logs: VerifiedLog[] = []
  for await (const log of verifyData({
    world: quietWorld(disk),
    directory: '/data',
    wanted,
    crc32c,
    metadataFindings: async () => [],
  }))
    logs.push(log)
  return logs
}

const findings = async (disk: ModelDisk): Promise<readonly string[][]> =>
  (await verified(disk)).flatMap(log => log.findings.map(({ kind, file }) => [kind, file]))

async function write(disk: ModelDisk, name: string, content: string): Promise<void> {
  await disk.writeFileAtomically(`/data/${name}`, Buffer.from(content))
}

async function dataFolder(stop: 'clean' | 'none'): Promise<ModelDisk> {
  const disk = new ModelDisk(new DiskImage())
  const broker = await openHarness(quietWorld(disk), { partitions: 2 })
  for (const partition of [0, 1]) append(broker.partition(partition), { values: ['a', 'b'] })
  await broker.flush()
  if (stop === 'clean') await broker.close()
  return disk
}

it('verifies the folder and each log in it', async () => {
  const disk = await dataFolder('clean')
  const before = disk.operations.length
  expect(await verified(disk)).toMatchObject([
    { folder: '', findings: [] },
    { folder: 'events-0', batchCount: 1, endOffset: 2, findings: [] },
    { folder: 'events-1', batchCount: 1, endOffset: 2, findings: [] },
  ])
  expect(disk.operations.length).toBe(before)
  expect((await verified(disk, 'events-1')).map(({ folder }) => folder)).toEqual(['', 'events-1'])
})

it('finds logs by topic or partition', async () => {
  const world = quietWorld(await dataFolder('clean'))
  const folders = (...wanted: string[]) => foldersOf({ world, directory: '/data', wanted })
  expect(await folders('events')).toEqual(['events-0', 'events-1'])
  expect(await folders('events-1', 'orders')).toEqual(['events-1'])
  expect(await folders('event')).toEqual([])
})

it('reads what a power loss has left in the journal alone', async () => {
  const disk = afterPowerLoss(await dataFolder('none'))
  const before = disk.operations.length
  const logs = await verified(disk)
  expect(logs.map(({ endOffset, findings: found }) => [endOffset, found])).toEqual([
    ...[
      [0, []],
      [2, []],
      [2, []],
    ],
  ])
  expect(disk.operations.length).toBe(before)
})

it('finds checkpoints that speak of what is not there', async () => {
  const disk = await dataFolder('clean')
  await write(disk, 'replication-offset-checkpoint', '0\n1\nevents 1 9\n')
  expect(await findings(disk)).toEqual([['wrong checkpoint', 'replication-offset-checkpoint']])
  await write(disk, 'recovery-point-offset-checkpoint', '0\n1\nevents 0 9\n')
  expect(await findings(disk)).toContainEqual(['lost records', 'events-0'])
})

it('finds files of the folder that make no sense', async () => {
  const disk = await dataFolder('clean')
  await write(disk, 'log-start-offset-checkpoint', 'nonsense')
  await write(disk, 'meta.properties', 'nonsense')
  await write(disk, 'events-0/partition.metadata', 'nonsense')
  expect(await findings(disk)).toEqual([
    ['damaged file', 'log-start-offset-checkpoint'],
    ['damaged file', 'meta.properties'],
    ['damaged file', 'events-0/partition.metadata'],
  ])
})

it('says after a crash when fewer records are there than counted, which a relaxed topic may come to', async () => {
  const disk = await dataFolder('none')
  await write(disk, 'replication-offset-checkpoint', '0\n1\nevents 1 9\n')
  expect(await findings(disk)).toEqual([['fewer records', 'replication-offset-checkpoint']])
})

it('finds a log whose folder is gone, unless a topic may have been deleted since', async () => {
  const disk = await dataFolder('clean')
  await disk.removeDirectory('/data/events-1')
  const [folder] = await verified(disk)
  expect(folder?.findings).toMatchObject([{ kind: 'lost records', file: 'events-1', offset: 0 }])
  expect((await verified(disk, 'events-0'))[0]?.findings).toEqual([])
  await write(disk, 'log-start-offset-checkpoint', '0\n1\nevents 1 2\n')
  expect(await findings(disk)).toEqual([])
  const killed = await dataFolder('none')
  await write(killed, 'recovery-point-offset-checkpoint', '0\n1\nevents 1 2\n')
  await killed.removeDirectory('/data/events-1')
  expect(await findings(killed)).toEqual([])
})

it('asks of the metadata log alone what lies beside its segments', async () => {
  const disk = await dataFolder('clean')
  const asked: string[] = []
  const metadataFindings = async ({
    folder,
    endOffset,
  }: WalkedLog): Promise<readonly Finding[]> => {
    asked.push(`${folder} ends at ${endOffset}`)
    return [
      { kind: 'damaged file', file: folder, position: undefined, offset: undefined, about: '' },
    ]
  }
  await disk.makeDirectory('/data/__cluster_metadata-0')
  const logs: VerifiedLog[] = []
  const options = { world: quietWorld(disk), directory: '/data', wanted: [], crc32c }
  for await (const log of verifyData({ ...options, metadataFindings })) logs.push(log)
  expect(asked).toEqual(['__cluster_metadata-0 ends at 0'])
  expect(logs.flatMap(log => log.findings).map(({ file }) => file)).toEqual([
    '__cluster_metadata-0',
  ])
})
