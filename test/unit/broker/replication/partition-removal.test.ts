import { expect, it } from 'vitest'
import type { Partition } from '../../../../packages/broker/src/replication/partition.ts'
import { PartitionRemoval } from '../../../../packages/broker/src/replication/partition-removal.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import { DATA, TOPIC_ID } from '../../../support/log-harness.ts'
import { afterPowerLoss, diskWithFolder, FOLDER, writeFile } from '../../../support/log-parts.ts'

/** A partition with its folder, and what is done to both, in order. */
async function given(more: { readonly log?: 'loaded'; readonly metadataOf?: string } = {}) {
  const disk = await diskWithFolder()
  const world = quietWorld(disk)
  const done: string[] = []
  writeFile(disk, 'partition.metadata', `version: 0\ntopic_id: ${more.metadataOf ?? TOPIC_ID}`)
  const log = more.log && { abandon: async () => void done.push('abandoned') }
  const partition = {
    ...{ topic: 'events', topicId: TOPIC_ID, partition: 0, log, hasFolder: true },
    settings: { fileDeleteDelayMs: 700 },
  } as unknown as Partition
  const state: { forgetError?: DiskError } = {}
  const removal = new PartitionRemoval({
    world,
    logDirectory: { path: DATA },
    checkpointed: () => [],
    checkpoints: {
      forget: async logs => {
        done.push(`forgot ${logs.length}`)
        if (state.forgetError !== undefined) throw state.forgetError
      },
    },
    housekeeping: {
      idle: async () => void done.push('idle'),
      removeLater: (path, delayMs) => void done.push(`${path.slice(0, 14)} in ${delayMs}`),
    },
  })
  const folders = async (on = disk) => ((await on.list(DATA)) ?? []).map(({ name }) => name)
  return { disk, world, done, partition, removal, state, folders }
}

it('lets the log rest, makes the checkpoints forget it, and takes its name away, durably', async () => {
  const { disk, done, partition, removal, folders } = await given({ log: 'loaded' })
  await removal.remove([partition])
  expect(done).toEqual(['idle', 'abandoned', 'forgot 1', `${FOLDER} in 700`])
  expect(await folders(afterPowerLoss(disk))).toEqual([
    expect.stringMatching(/^events-0\.[0-9a-f]{32}-delete$/),
  ])
})

it('leaves the folder of another topic alone, where the log could not be loaded', async () => {
  const { removal, partition, folders } = await given({ metadataOf: 'BBBBBBBBBBBBBBBBBBBBBw' })
  await removal.remove([partition])
  expect(await folders()).toEqual(['events-0'])
})

it('takes the folder away all the more when the checkpoints cannot be written', async () => {
  const { removal, partition, state, world, folders } = await given()
  state.forgetError = new DiskError('write', `${DATA}/x`, 'ENOSPC')
  await removal.remove([partition])
  expect(world.errors).toEqual(['The folder of a deleted partition could not be removed.'])
  expect(await folders()).not.toContain('events-0')
})

it('tells of a folder that stays, and that is all', async () => {
  const { disk, removal, partition, world, folders } = await given()
  disk.fault = call => (call === 'read' ? 'EIO' : undefined)
  await removal.remove([partition])
  expect([world.errors.length, await folders()]).toEqual([1, ['events-0']])
})
