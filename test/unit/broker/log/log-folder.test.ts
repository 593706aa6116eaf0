import { describe, expect, it } from 'vitest'
import { makeLogFolder, readLogFolder } from '../../../../packages/broker/src/log/log-folder.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import {
  afterPowerLoss,
  diskWithFolder,
  FOLDER,
  identity,
  loadToolsOf,
  namesIn,
  writeFile,
} from '../../../support/log-parts.ts'
import { ModelDisk } from '../../../support/model-disk.ts'

const METADATA = `version: 0\ntopic_id: ${identity.topicId}`

async function given(files: { readonly [name: string]: string }) {
  const disk = await diskWithFolder()
  for (const [name, content] of Object.entries(files)) writeFile(disk, name, content)
  const world = quietWorld(disk)
  return { disk, world, read: () => readLogFolder(identity, loadToolsOf(world)) }
}

describe('the folder of a partition', () => {
  it('is made durably, with what Kafka expects in it', async () => {
    const disk = new ModelDisk(new DiskImage())
    await disk.makeDirectory('/data')
    await disk.syncDirectory('/')
    await makeLogFolder(identity, loadToolsOf(quietWorld(disk)))
    const left = afterPowerLoss(disk)
    expect(await namesIn(left)).toEqual(['leader-epoch-checkpoint', 'partition.metadata'])
    expect((await left.readFile(`${FOLDER}/partition.metadata`))?.toString()).toBe(METADATA)
    expect((await left.readFile(`${FOLDER}/leader-epoch-checkpoint`))?.toString()).toBe('0\n0\n')
  })

  it('is listed by kind, the lowest offset first', async () => {
    const { read } = await given({
      'partition.metadata': METADATA,
      '00000000000000000020.log': 'xx',
      '00000000000000000003.log': 'xxx',
      '00000000000000000003.index': '',
      '00000000000000000020.snapshot': 'x',
      'something else': 'x',
    })
    const { files } = (await read()) ?? { files: new Map() }
    const offsets = [...files].map(([kind, found]) => [
      kind,
      found.map(({ offset, sizeBytes }: { offset: number; sizeBytes: number }) => [
        offset,
        sizeBytes,
      ]),
    ])
    expect(offsets).toEqual([
      ['index', [[3, 0]]],
      [
        'log',
        [
          [3, 3],
          [20, 2],
        ],
      ],
      ['snapshot', [[20, 1]]],
    ])
  })

  it('loses what an interrupted deletion or write left, and nothing else', async () => {
    const { disk, read } = await given({
      'partition.metadata': METADATA,
      '00000000000000000003.log.deleted': 'x',
      '00000000000000000003.index.deleted': 'x',
      '00000000000000000003.log.cleaned': 'x',
      'leader-epoch-checkpoint.tmp': 'x',
      '00000000000000000003.log.7.torn': 'x',
      'a note of the operator': 'x',
    })
    const left = ['00000000000000000003.log.7.torn', 'a note of the operator']
    expect((await read())?.others.toSorted()).toEqual([...left, 'partition.metadata'])
    expect(await namesIn(disk)).toEqual([...left, 'partition.metadata'])
  })

  it('is none when its making was interrupted before anything was in it', async () => {
    expect(await (await given({ 'leader-epoch-checkpoint': '0\n0\n' })).read()).toBeUndefined()
    const disk = new ModelDisk(new DiskImage())
    expect(await readLogFolder(identity, loadToolsOf(quietWorld(disk)))).toBeUndefined()
  })

  it.each([
    ['another topic', { 'partition.metadata': 'version: 0\ntopic_id: BBBBBBBBBBBBBBBBBBBBBw' }],
    ['nobody who is known', { '00000000000000000000.log': 'x' }],
  ])('is left alone when it belongs to %s', async (_, files) => {
    const { disk, world, read } = await given(files)
    await expect(read()).rejects.toThrow('ESTALE')
    expect(world.errors.length).toBe(1)
    expect(await namesIn(disk)).toEqual(Object.keys(files))
  })
})
