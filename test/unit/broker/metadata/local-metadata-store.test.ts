import { describe, expect, it } from 'vitest'
import type { MetadataChange } from '../../../../packages/broker/src/metadata/change.ts'
import { openLocalMetadataStore } from '../../../../packages/broker/src/metadata/local-metadata-store.ts'
import {
  DATA_FOLDER,
  metadataWorld,
  newMemoryDisk,
  storeOptions,
} from '../../../support/metadata-world.ts'

const topic = (name: string, topicId: string): MetadataChange[] => [
  { type: 'TopicRecord', name, topicId },
  {
    type: 'PartitionRecord',
    topicId,
    partitionId: 0,
    replicas: [1],
    isr: [1],
    leader: 1,
    leaderEpoch: 0,
    partitionEpoch: 0,
  },
]

const open = async (changes: Parameters<typeof storeOptions>[1] = {}) => {
  const disk = await newMemoryDisk()
  const world = metadataWorld(disk)
  const options = storeOptions(world, changes)
  return { disk, world, options, store: await openLocalMetadataStore(options) }
}

describe('the local metadata store', () => {
  it('has the changes in its image once a proposal is answered', async () => {
    const { store } = await open()
    const { revision } = store.image
    const proposed = await store.propose(topic('orders', 'AAAAAAAAAAAAAAAAAAAAAg'), { revision })
    expect(proposed).toEqual({ revision: revision + 2 })
    expect(store.image.topics.byName.get('orders')?.partitions).toHaveLength(1)
  })

  it('refuses a proposal that was decided from an older image, and changes nothing', async () => {
    const { store } = await open()
    const { revision } = store.image
    const [first, second] = await Promise.all([
      store.propose(topic('orders', 'AAAAAAAAAAAAAAAAAAAAAg'), { revision }),
      store.propose(topic('clicks', 'AAAAAAAAAAAAAAAAAAAAAw'), { revision }),
    ])
    expect(first).toEqual({ revision: revision + 2 })
    expect(second).toBe('conflict')
    expect([...store.image.topics.byName.keys()]).toEqual(['orders'])
  })

  it('opens again with the image that it was closed with', async () => {
    const { store, options } = await open()
    await store.propose(topic('orders', 'AAAAAAAAAAAAAAAAAAAAAg'), store.image)
    const { image } = store
    await store.close()
    const again = await openLocalMetadataStore({ ...options, lastStop: 'clean' })
    expect(again.image).toEqual(image)
  })

  it('says that a revision is reached only after every listener has taken its image', async () => {
    const { store } = await open()
    const seen: string[] = []
    let finish = () => {}
    store.onImage(async image => {
      await new Promise<void>(resolve => {
        finish = resolve
      })
      seen.push(`listener ${image.revision}`)
    })
    const proposed = await store.propose(topic('orders', 'AAAAAAAAAAAAAAAAAAAAAg'), store.image)
    const revision = proposed === 'conflict' ? -1 : proposed.revision
    const reached = store.reached(revision).then(() => seen.push('reached'))
    await new Promise(resolve => setImmediate(resolve))
    expect(seen).toEqual([])
    finish()
    await reached
    expect(seen).toEqual([`listener ${revision}`, 'reached'])
  })

  it('gives listeners every image once, in order, with the one before', async () => {
    const { store } = await open()
    const steps: [number, number][] = []
    const stop = store.onImage((image, previous) => {
      steps.push([previous.revision, image.revision])
    })
    const feature = (featureLevel: number): MetadataChange[] => [
      { type: 'FeatureLevelRecord', name: 'group.version', featureLevel },
    ]
    const start = store.image.revision
    await store.propose(feature(1), store.image)
    await store.propose(feature(2), store.image)
    await store.reached(store.image.revision)
    stop()
    await store.propose(feature(3), store.image)
    await store.reached(store.image.revision)
    expect(steps).toEqual([
      [start, start + 1],
      [start + 1, start + 2],
    ])
  })

  it('writes a snapshot when the log has grown, keeps only it and what follows, and opens from it', async () => {
    const { store, options, disk } = await open({ bytesBetweenSnapshots: 300 })
    for (let level = 1; level <= 20; level++) {
      await store.propose(
        [{ type: 'ProducerIdsRecord', brokerId: 1, nextProducerId: level * 1000 }],
        store.image,
      )
    }
    const { image } = store
    await store.close()
    const names = (await disk.list(`${DATA_FOLDER}/__cluster_metadata-0`))?.map(({ name }) => name)
    expect(names?.filter(name => name.endsWith('.log'))).toHaveLength(1)
    expect(names?.filter(name => name.endsWith('.checkpoint'))).toHaveLength(1)
    expect((await openLocalMetadataStore(options)).image).toEqual(image)
  })

  it('leaves no trace of a feature level that was taken back: an older Kafka would not open it', async () => {
    const { store, disk, options } = await open()
    const feature = (featureLevel: number) => ({
      ...{ type: 'FeatureLevelRecord' as const, name: 'metadata.version', featureLevel },
    })
    await store.propose([feature(29)], store.image)
    await store.propose([feature(27)], store.image)
    await store.close()
    const folder = `${DATA_FOLDER}/__cluster_metadata-0`
    const names = ((await disk.list(folder)) ?? []).map(({ name }) => name)
    expect(names.sort()).toEqual([
      '00000000000000000003-0000000001.checkpoint',
      '00000000000000000003.log',
    ])
    const again = await openLocalMetadataStore(options)
    expect(again.image.features.get('metadata.version')).toBe(27)
  })

  it('answers nothing more and fails the broker after a failed sync', async () => {
    const { store, world, disk } = await open()
    const { image } = store
    disk.openNow = () => {
      throw new Error('not used')
    }
    const broken = await openBroken()
    await expect(
      broken.store.propose(topic('orders', 'AAAAAAAAAAAAAAAAAAAAAg'), broken.store.image),
    ).rejects.toThrow('EIO')
    await expect(broken.store.propose([], broken.store.image)).rejects.toThrow('EIO')
    expect(broken.world.failures).toHaveLength(1)
    expect(broken.store.image.topics.byName.size).toBe(0)
    expect(world.failures).toEqual([])
    expect(store.image).toBe(image)
  })
})

const openBroken = async () => {
  const { DiskError } = await import('../../../../packages/broker/src/world.ts')
  const disk = await newMemoryDisk()
  const open = disk.open.bind(disk)
  let isBroken = false
  disk.open = async (path, mode) => {
    const file = await open(path, mode)
    const sync = file.sync.bind(file)
    file.sync = async () => {
      if (isBroken) throw new DiskError('sync', path, 'EIO')
      await sync()
    }
    return file
  }
  const world = metadataWorld(disk)
  const store = await openLocalMetadataStore(storeOptions(world))
  isBroken = true
  return { world, store }
}
