import { describe, expect, it } from 'vitest'
import { openLocalMetadataStore } from '../../../../packages/broker/src/metadata/local-metadata-store.ts'
import type { Disk } from '../../../../packages/broker/src/world.ts'
import { adoptAll } from '../../../support/adoption.ts'
import { Crash, CrashingDisk } from '../../../support/crashing-disk.ts'
import { imageOnDisk, putOnDisk } from '../../../support/folder-image.ts'
import { kafkaFolder } from '../../../support/kafka-folder.ts'
import {
  DATA_FOLDER,
  metadataWorld,
  newMemoryDisk,
  storeOptions,
} from '../../../support/metadata-world.ts'

const strays = new Map([...kafkaFolder('killed')].filter(([name]) => /^(orders|users)-/.test(name)))

const topicsOn = async (disk: Disk) => {
  const metadata = await openLocalMetadataStore(storeOptions(metadataWorld(disk)))
  await metadata.close()
  return [...metadata.image.topics.byName.values()]
    .map(({ name, topicId, partitions }) => `${name} ${topicId} ${partitions.length}`)
    .sort()
}

const WANTED = ['orders', 'users'].map(name => {
  const metadata = String(strays.get(`${name}-0/partition.metadata`))
  const topicId = /topic_id: (\S+)/.exec(metadata)?.[1] ?? ''
  return `${name} ${topicId} ${name === 'orders' ? 2 : 1}`
})

describe('strays', () => {
  it('are topics after they were adopted, and doing it again changes nothing', async () => {
    const disk = await newMemoryDisk()
    await putOnDisk(disk, DATA_FOLDER, strays)
    await adoptAll(metadataWorld(disk))
    expect(await topicsOn(disk)).toEqual(WANTED)
    await adoptAll(metadataWorld(disk))
    expect(await topicsOn(disk)).toEqual(WANTED)
  })

  it('without an id get one before anything else', async () => {
    const disk = await newMemoryDisk()
    const files = new Map([...strays].filter(([name]) => /^users-0.*log$/.test(name)))
    await putOnDisk(disk, DATA_FOLDER, files)
    await adoptAll(metadataWorld(disk))
    expect(await topicsOn(disk)).toEqual(['users AAAAAAAAAAAAAAAAAAAACg 1'])
    const metadata = await disk.readFile(`${DATA_FOLDER}/users-0/partition.metadata`)
    expect(String(metadata)).toBe('version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAACg')
  })

  it('are adopted in the end, wherever a crash came between', async () => {
    let crashes = 0
    for (let steps = 0; ; steps += 97) {
      const under = await newMemoryDisk()
      await putOnDisk(under, DATA_FOLDER, strays)
      const disk = new CrashingDisk(under, steps)
      await adoptAll(metadataWorld(disk)).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error
        crashes++
      })
      if (!disk.hasCrashed) break
      const left = await newMemoryDisk()
      await putOnDisk(left, DATA_FOLDER, await imageOnDisk(under, DATA_FOLDER))
      await adoptAll(metadataWorld(left))
      expect(await topicsOn(left)).toEqual(WANTED)
    }
    expect(crashes).toBeGreaterThan(10)
  })
})
