import { describe, expect, it } from 'vitest'
import { metadataBatch } from '../../../../packages/broker/src/metadata/metadata-batch.ts'
import {
  METADATA_FOLDER,
  openMetadataLog,
} from '../../../../packages/broker/src/metadata/metadata-log.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { newTopic } from '../../../support/metadata-image.ts'
import {
  DATA_FOLDER,
  metadataWorld,
  newMemoryDisk,
  storeOptions,
} from '../../../support/metadata-world.ts'

const folder = `${DATA_FOLDER}/${METADATA_FOLDER}`
const fileNames = async (disk: Awaited<ReturnType<typeof newMemoryDisk>>) =>
  ((await disk.list(folder)) ?? []).map(({ name }) => name).sort()

describe('the metadata log', () => {
  it('begins with the leader change of its only voter, at offset 0', async () => {
    const disk = await newMemoryDisk()
    const { log, image } = await openMetadataLog(storeOptions(metadataWorld(disk)))
    expect([image.revision, log.leaderEpoch]).toEqual([1, 1])
    expect(await fileNames(disk)).toEqual(['00000000000000000000.log'])
  })

  it('goes on in a new segment after a snapshot, named as Kafka names them', async () => {
    const disk = await newMemoryDisk()
    const { log, image } = await openMetadataLog(storeOptions(metadataWorld(disk)))
    await log.append(metadataBatch(newTopic('a'), { baseOffset: 1, leaderEpoch: 1, timestamp: 0 }))
    await log.snapshot({ ...image, revision: 3 }, 0)
    expect(log.replayBytes).toBe(0)
    expect(await fileNames(disk)).toEqual([
      '00000000000000000003-0000000001.checkpoint',
      '00000000000000000003.log',
    ])
  })

  it('remembers which topics were removed since the last snapshot', async () => {
    const disk = await newMemoryDisk()
    const options = storeOptions(metadataWorld(disk))
    const { log } = await openMetadataLog(options)
    const created = newTopic('a')
    const topicId = created[0]?.type === 'TopicRecord' ? created[0].topicId : ''
    const place = { leaderEpoch: 1, timestamp: 0 }
    await log.append(metadataBatch(created, { ...place, baseOffset: 1 }))
    const removal = { type: 'RemoveTopicRecord', topicId } as const
    await log.append(metadataBatch([removal], { ...place, baseOffset: 1 + created.length }))
    const again = await openMetadataLog(options)
    expect([...again.removedTopicIds]).toEqual([topicId])
    await again.log.snapshot(again.image, 0)
    expect((await openMetadataLog(options)).removedTopicIds.size).toBe(0)
  })

  it('goes on in the old segment when a snapshot could not begin a new one', async () => {
    const disk = await newMemoryDisk()
    const options = storeOptions(metadataWorld(disk))
    const { log, image } = await openMetadataLog(options)
    const syncDirectory = disk.syncDirectory.bind(disk)
    disk.syncDirectory = path => Promise.reject(new DiskError('sync', path, 'EMFILE'))
    await expect(log.snapshot({ ...image, revision: 1 }, 0)).rejects.toThrow('EMFILE')
    disk.syncDirectory = syncDirectory
    await log.append(metadataBatch(newTopic('a'), { baseOffset: 1, leaderEpoch: 1, timestamp: 0 }))
    const again = await openMetadataLog(options)
    expect([...again.image.topics.byName.keys()]).toEqual(['a'])
  })

  it('does not start without the segment that leads up to what is there', async () => {
    const disk = await newMemoryDisk()
    const options = storeOptions(metadataWorld(disk))
    const { log, image } = await openMetadataLog(options)
    await log.snapshot({ ...image, revision: 1 }, 0)
    await disk.remove(`${folder}/00000000000000000001-0000000001.checkpoint`)
    await expect(openMetadataLog(options)).rejects.toThrow(
      'begins at offset 1, but what came before is gone',
    )
  })

  it('does not start when the log ends before its snapshot', async () => {
    const disk = await newMemoryDisk()
    const options = storeOptions(metadataWorld(disk))
    const { log, image } = await openMetadataLog(options)
    await log.snapshot({ ...image, revision: 1 }, 0)
    await disk.remove(`${folder}/00000000000000000001.log`)
    await expect(openMetadataLog(options)).rejects.toThrow('ends before its snapshot')
  })

  it.each([
    ['ENOSPC', true],
    ['EIO', false],
  ])('after a write that failed with %s, is usable: %s', async (code, isWhole) => {
    const disk = await newMemoryDisk()
    const open = disk.open.bind(disk)
    disk.open = async (path, mode) => {
      const file = await open(path, mode)
      const append = file.append.bind(file)
      file.append = async parts => {
        if (file.sizeBytes > 0) throw new DiskError('append to', path, code)
        await append(parts)
      }
      return file
    }
    const { log } = await openMetadataLog(storeOptions(metadataWorld(disk)))
    await expect(log.append(Buffer.from('x'))).rejects.toThrow(code)
    expect(log.isWhole).toBe(isWhole)
  })
})
