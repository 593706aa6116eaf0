import { expect, it } from 'vitest'
import { makePartitionFolder } from '../../../../packages/broker/src/replication/make-partition-folder.ts'
import type { Partition } from '../../../../packages/broker/src/replication/partition.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import { FOLDER, identity, loadToolsOf, namesIn } from '../../../support/log-parts.ts'
import { ModelDisk } from '../../../support/model-disk.ts'

function given(hasFolder: boolean) {
  const disk = new ModelDisk(new DiskImage())
  const world = quietWorld(disk)
  const told: string[] = []
  const log = {
    folderMade: () => void told.push('made'),
    storageFailed: ({ code }: { code: string }) => void told.push(code),
  }
  const partition = { hasFolder, log } as unknown as Partition
  const make = () => makePartitionFolder(identity, partition, loadToolsOf(world))
  return { disk, world, told, make }
}

it('makes the folder, and tells the log', async () => {
  const { disk, told, make } = given(false)
  expect([await make(), told]).toEqual(['NONE', ['made']])
  expect(await namesIn(disk)).toEqual(['leader-epoch-checkpoint', 'partition.metadata'])
})

it('makes none where there is one', async () => {
  const { disk, told, make } = given(true)
  expect([await make(), told, await disk.list(FOLDER)]).toEqual(['NONE', [], undefined])
})

it.each(['ENOSPC', 'EMFILE'])('can be asked again after %s', async code => {
  const { disk, world, told, make } = given(false)
  disk.fault = call => (call === 'open' ? code : undefined)
  expect([await make(), told, world.errors]).toEqual(['KAFKA_STORAGE_ERROR', [], []])
  disk.fault = () => undefined
  expect([await make(), told]).toEqual(['NONE', ['made']])
})

it('takes the log offline when nobody knows what the disk has now (L6)', async () => {
  const { disk, world, told, make } = given(false)
  disk.fault = call => (call === 'sync' ? 'EIO' : undefined)
  expect([await make(), told]).toEqual(['KAFKA_STORAGE_ERROR', ['EIO']])
  expect(world.errors).toEqual([
    'The folder of a partition could not be made: the partition goes offline.',
  ])
})
