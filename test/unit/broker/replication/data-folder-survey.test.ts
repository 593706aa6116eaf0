import { expect, it } from 'vitest'
import {
  describeFolders,
  surveyDataFolder,
} from '../../../../packages/broker/src/replication/data-folder-survey.ts'
import { putOnDisk } from '../../../support/folder-image.ts'
import { DATA_FOLDER, newMemoryDisk } from '../../../support/metadata-world.ts'

it('finds the folders of partitions, in order, and nothing else', async () => {
  const disk = await newMemoryDisk()
  const paths = [
    'b-0/x',
    'a-10/x',
    'a-2/x',
    'a-2/y',
    '__cluster_metadata-0/x',
    'a-1.0f-delete/x',
    'c-1',
  ]
  await putOnDisk(disk, DATA_FOLDER, new Map(paths.map(path => [path, Buffer.alloc(600)])))
  const found = await surveyDataFolder(disk, DATA_FOLDER)
  expect(found.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([
    ['a-2', 1200],
    ['a-10', 600],
    ['b-0', 600],
  ])
  expect(describeFolders(found)).toBe('2 topics with 3 partitions, 2.4 kB')
})

it('says sizes in the unit that fits', () => {
  const said = (sizeBytes: number) => describeFolders([{ topic: 'a', sizeBytes }])
  expect(said(7)).toBe('1 topic with 1 partition, 7 bytes')
  expect(said(999_949)).toBe('1 topic with 1 partition, 999.9 kB')
  expect(said(3.2e15)).toBe('1 topic with 1 partition, 3200.0 TB')
})
