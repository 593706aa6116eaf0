import { expect, it } from 'vitest'
import { openLogDirectory } from '../../../../packages/broker/src/log/log-directory.ts'
import { Checkpoints } from '../../../../packages/broker/src/replication/checkpoints.ts'
import {
  type KnownLogs,
  loadKnownLog,
  loadOptionsOf,
  noteUnloaded,
} from '../../../../packages/broker/src/replication/load-known-log.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import { DATA, plainSettings } from '../../../support/log-harness.ts'
import {
  diskWithFolder,
  FOLDER,
  identity,
  loadOptions,
  loadToolsOf,
  writeFile,
} from '../../../support/log-parts.ts'

async function given(files: { readonly [name: string]: string } = {}) {
  const disk = await diskWithFolder()
  const world = quietWorld(disk)
  for (const [name, content] of Object.entries(files))
    await disk.writeFileAtomically(`${DATA}/${name}`, Buffer.from(content))
  const at = { world, path: DATA, nodeId: 1, clusterId: 'cluster', foreignLogs: 'adopt' } as const
  const checkpoints = await Checkpoints.open(await openLogDirectory(at), world)
  const known: KnownLogs = { checkpoints, lastStop: 'clean', recovered: undefined }
  return { disk, world, known }
}

it('knows of a log what the checkpoints say', async () => {
  const { known } = await given({
    'recovery-point-offset-checkpoint': '0\n1\nevents 0 9\n',
    'log-start-offset-checkpoint': '0\n1\nevents 0 4\n',
    'cleaner-offset-checkpoint': '0\n1\nevents 0 7\n',
  })
  expect(loadOptionsOf({ identity, settings: plainSettings }, known)).toEqual({
    ...{ recoveryPoint: 9, logStartOffset: 4, compactedTo: 7 },
    ...{ lastStop: 'clean', isSuspect: false, recovered: undefined, missingFolder: 'make' },
  })
  const offsets = { ...identity, topic: '__consumer_offsets' }
  expect(loadOptionsOf({ identity: offsets, settings: plainSettings }, known)).toMatchObject({
    ...{ recoveryPoint: 0, missingFolder: 'leave' },
  })
})

it('looks through a log when a checkpoint is damaged, and takes every gap of a compacted one for compaction', async () => {
  const { known } = await given({ 'recovery-point-offset-checkpoint': '?' })
  const settings = { ...plainSettings, cleanupPolicy: ['compact'] as const }
  expect(loadOptionsOf({ identity, settings }, known)).toMatchObject({
    ...{ lastStop: 'unclean', compactedTo: Number.MAX_SAFE_INTEGER },
  })
})

it('tells and writes down what a log has lost', async () => {
  const { disk, world } = await given()
  writeFile(disk, 'partition.metadata', `version: 0\ntopic_id: ${identity.topicId}`)
  const options = loadOptions({ recoveryPoint: 5 })
  const state = await loadKnownLog(identity, options, loadToolsOf(world))
  expect(state).toBeInstanceOf(DiskError)
  expect(world.errors.at(-1)).toBe('A partition could not be loaded and stays offline.')
  expect(String(await disk.readFile(`${FOLDER}/damaged`))).toBe('durable 5\nfrom 5\n')
})

it('leaves a folder alone that belongs to another topic', async () => {
  const { disk, world } = await given()
  writeFile(disk, 'partition.metadata', 'version: 0\ntopic_id: BBBBBBBBBBBBBBBBBBBBBw')
  const state = await loadKnownLog(identity, loadOptions(), loadToolsOf(world))
  expect(state).toMatchObject({ code: 'ESTALE' })
  expect((await disk.list(FOLDER))?.map(({ name }) => name)).toEqual(['partition.metadata'])
})

it('writes down at a clean stop what no start has looked through since a crash', async () => {
  const { disk, known } = await given({ 'recovery-point-offset-checkpoint': '0\n1\nevents 0 9\n' })
  const noted = async () => String(await disk.readFile(`${FOLDER}/damaged`))
  const crashed: KnownLogs = { ...known, lastStop: 'unclean' }
  await noteUnloaded(identity, crashed, disk)
  expect(await noted(), "a folder that is nobody's").toBe('undefined')
  writeFile(disk, 'partition.metadata', 'version: 0\ntopic_id: BBBBBBBBBBBBBBBBBBBBBw')
  await noteUnloaded(identity, crashed, disk)
  expect(await noted(), 'the folder of another topic').toBe('undefined')
  writeFile(disk, 'partition.metadata', `version: 0\ntopic_id: ${identity.topicId}`)
  await noteUnloaded(identity, known, disk)
  expect(await noted(), 'after a clean stop').toBe('undefined')
  await noteUnloaded(identity, crashed, disk)
  expect(await noted()).toBe('durable 9\nfrom 9\n')
  writeFile(disk, 'damaged', 'durable 20\nfrom 9\n')
  await noteUnloaded(identity, crashed, disk)
  expect(await noted(), 'what the journal said').toBe('durable 20\nfrom 9\n')
})

it('does not take a stop for clean when that cannot be written down', async () => {
  const { disk, known } = await given()
  writeFile(disk, 'partition.metadata', `version: 0\ntopic_id: ${identity.topicId}`)
  disk.fault = call => (call === 'write' ? 'ENOSPC' : undefined)
  const noted = noteUnloaded(identity, { ...known, lastStop: 'unclean' }, disk)
  await expect(noted).rejects.toThrow('ENOSPC')
})

it('says of a failure that passes nothing but what it is, and leaves an older note as it is', async () => {
  const { disk, world } = await given()
  writeFile(disk, 'partition.metadata', `version: 0\ntopic_id: ${identity.topicId}`)
  writeFile(disk, 'damaged', 'durable 20\nfrom 9\n')
  disk.fault = call => (call === 'read' ? 'EMFILE' : undefined)
  const state = await loadKnownLog(identity, loadOptions(), loadToolsOf(world))
  disk.fault = () => undefined
  expect([state, world.errors]).toMatchObject([{ code: 'EMFILE' }, []])
  expect(String(await disk.readFile(`${FOLDER}/damaged`))).toBe('durable 20\nfrom 9\n')
})

it('adds what the journal knows to an older note', async () => {
  const { disk, world } = await given()
  writeFile(disk, 'partition.metadata', `version: 0\ntopic_id: ${identity.topicId}`)
  writeFile(disk, 'damaged', 'durable 20\nfrom 9\n')
  disk.fault = (_, path) => (path.endsWith('leader-epoch-checkpoint') ? 'EMFILE' : undefined)
  const recovered = { ...identity, durableOffset: 15, entries: [] }
  await loadKnownLog(identity, loadOptions({ recovered, recoveryPoint: 4 }), loadToolsOf(world))
  expect(String(await disk.readFile(`${FOLDER}/damaged`))).toBe('durable 20\nfrom 4\n')
})
