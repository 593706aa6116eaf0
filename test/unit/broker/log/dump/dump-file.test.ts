import { crc32c, encodeGroupRecord, nodeCodecs } from '@varve/protocol'
import { expect, it } from 'vitest'
import type { DumpEntry } from '../../../../../packages/broker/src/log/dump/dump-entry.ts'
import {
  type DumpOptions,
  dumpFile,
} from '../../../../../packages/broker/src/log/dump/dump-file.ts'
import { DiskImage } from '../../../../support/disk-image.ts'
import { quietWorld } from '../../../../support/journal-world.ts'
import { append, openHarness } from '../../../../support/log-harness.ts'
import { diskWithFolder, FOLDER, storedBatch, writeFile } from '../../../../support/log-parts.ts'
import { ModelDisk } from '../../../../support/model-disk.ts'
import { batchOf } from '../../../../support/record-batches.ts'

const EVERYTHING: DumpOptions = {
  ...{ records: 'shown', decoder: 'by folder', maxBytes: Number.POSITIVE_INFINITY },
}

async function dumped(disk: ModelDisk, path: string, options = EVERYTHING) {
  const entries: DumpEntry[] = []
  for await (const entry of dumpFile(path, options, { disk, codecs: nodeCodecs(), crc32c }))
    entries.push(entry)
  return entries
}

it.each([
  ['00000000000000000007.log', 'log', 7],
  ['00000000000000000007.log.deleted', 'log', 7],
  ['00000000000000000007.log.cleaned', 'log', 7],
  ['00000000000000000007.log.120.torn', 'log', 7],
  ['00000000000000000009-0000000001.checkpoint', 'log', 0],
  ['00000000000000000007.index', 'offset index', 7],
  ['00000000000000000007.timeindex', 'time index', 7],
  ['00000000000000000007.txnindex', 'transaction index', 7],
  ['00000000000000000007.snapshot', 'producer snapshot', 7],
  ['00000000000000000007.sequences', 'sequences', 7],
  ['leader-epoch-checkpoint', 'leader epochs', undefined],
  ['recovery-point-offset-checkpoint', 'checkpoint', undefined],
  ['meta.properties', 'properties', undefined],
  ['partition.metadata', 'properties', undefined],
  ['00000001.journal', 'journal', undefined],
])('tells by its name what %s is', async (name, kind, startOffset) => {
  const disk = await diskWithFolder()
  writeFile(disk, name, '')
  const [first] = await dumped(disk, `${FOLDER}/${name}`)
  expect(first).toEqual({ type: 'file', kind, startOffset })
})

it('refuses what is no file of a data folder, and says that one is missing', async () => {
  const disk = await diskWithFolder()
  await expect(dumped(disk, `${FOLDER}/notes.txt`)).rejects.toMatchObject({ code: 'EINVAL' })
  for (const name of ['00000000000000000000.log', 'meta.properties'])
    await expect(dumped(disk, `${FOLDER}/${name}`)).rejects.toMatchObject({ code: 'ENOENT' })
})

it('reads the records of an internal topic by its tables, unless told otherwise', async () => {
  const disk = new ModelDisk(new DiskImage())
  const folder = '/data/__consumer_offsets-3'
  await disk.makeDirectory(folder)
  const path = `${folder}/00000000000000000000.log`
  const commit = { group: 'g', topic: 't', partition: 0 }
  const { key } = encodeGroupRecord({ type: 'OffsetCommit', key: commit, value: null })
  const file = disk.openNow(path, 'truncate')
  file.appendNow([batchOf({ values: [null], key })])
  expect((await dumped(disk, path)).at(-1)).toMatchObject({ decoded: { key: { type: 1 } } })
  const plain = await dumped(disk, path, { ...EVERYTHING, decoder: 'none' })
  expect(plain.at(-1)).toMatchObject({ decoded: undefined })
  const short = await dumped(disk, path, { ...EVERYTHING, records: 'left out' })
  expect(short.map(({ type }) => type)).toEqual(['file', 'batch'])
})

it('shows the groups of a journal: durable offsets, and where batches belong', async () => {
  const disk = new ModelDisk(new DiskImage())
  const world = quietWorld(disk)
  const broker = await openHarness(world)
  append(broker.partition(), { values: ['a'] })
  await broker.flush()
  append(broker.partition(), { values: ['b', 'c'] })
  await broker.flush()
  const names = ((await disk.list('/data/__journal')) ?? []).map(({ name }) => name)
  const entries: DumpEntry[] = []
  for (const name of names) entries.push(...(await dumped(disk, `/data/__journal/${name}`)))
  const places = entries.filter(({ type }) => type === 'journal entry')
  expect(places).toMatchObject([
    { holds: 'bytes', partition: 0, baseOffset: 0, endOffset: 1, segmentPosition: 0 },
    { holds: 'bytes', partition: 0, baseOffset: 1, endOffset: 3 },
  ])
  expect(entries).toContainEqual(expect.objectContaining({ type: 'durable offset', offset: 1 }))
  await broker.close()
})

it('changes nothing', async () => {
  const disk = await diskWithFolder()
  writeFile(disk, '00000000000000000000.log', storedBatch({ values: ['x'], baseOffset: 0 }))
  const before = disk.operations.length
  await dumped(disk, `${FOLDER}/00000000000000000000.log`)
  expect(disk.operations.length).toBe(before)
})
