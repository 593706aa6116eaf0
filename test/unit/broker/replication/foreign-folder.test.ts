import { describe, expect, it } from 'vitest'
import { inspected } from '../../../support/adoption.ts'
import { putOnDisk } from '../../../support/folder-image.ts'
import { kafkaFolder } from '../../../support/kafka-folder.ts'
import { DATA_FOLDER, metadataWorld, newMemoryDisk } from '../../../support/metadata-world.ts'

async function worldWith(files: ReadonlyMap<string, Buffer>) {
  const disk = await newMemoryDisk()
  await putOnDisk(disk, DATA_FOLDER, files)
  return metadataWorld(disk)
}

const stopped = (without: RegExp) =>
  new Map([...kafkaFolder('stopped')].filter(([name]) => !without.test(name)))

describe('a data folder', () => {
  it('that is empty or ours is nobody else’s', async () => {
    const { kraft } = await inspected(await worldWith(new Map()), 'refuse')
    expect(kraft).toBeUndefined()
  })

  it('of Kafka is refused with what is in it, and keeps the mark of its clean stop', async () => {
    const world = await worldWith(kafkaFolder('stopped'))
    await expect(inspected(world, 'refuse')).rejects.toThrow(
      '/data was last used by Kafka (cluster MkU3OEVBNTcwNTJENDM2Qg, node 1; 5 topics with 6 partitions, 4.0 kB; stopped in order): start with --adopt to take it over with all topics, records, offsets, groups, transactions and settings, or choose another folder with --data.',
    )
    expect(await world.disk.readFile(`${DATA_FOLDER}/.kafka_cleanshutdown`)).toBeDefined()
  })

  it('of Kafka is read on request, and what is not enforced is named', async () => {
    const world = await worldWith(kafkaFolder('killed'))
    const { kraft } = await inspected(world, 'adopt')
    expect(kraft?.lastStop).toBe('unclean')
    expect(kraft?.image.topics.byName.has('orders')).toBe(true)
    expect(world.lines.filter(line => line.includes('1 access control entries'))).toHaveLength(1)
  })

  it('with logs and no metadata is refused without a request', async () => {
    const world = await worldWith(stopped(/__cluster_metadata|bootstrap/))
    await expect(inspected(world, 'refuse')).rejects.toThrow(
      '/data has logs but no metadata (5 topics',
    )
    expect((await inspected(world, 'adopt')).kraft).toBeUndefined()
  })

  it('with logs and nothing that says whose is refused without a request', async () => {
    const world = await worldWith(stopped(/__cluster_metadata|bootstrap|meta.properties/))
    await expect(inspected(world, 'refuse')).rejects.toThrow(
      'but no meta.properties that says whose; start with --adopt',
    )
    expect((await inspected(world, 'adopt')).kraft).toBeUndefined()
  })
})
