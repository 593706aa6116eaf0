import { describe, expect, it } from 'vitest'
import type { MetadataChange } from '../../packages/broker/src/metadata/change.ts'
import type { MetadataImage } from '../../packages/broker/src/metadata/image.ts'
import { openLocalMetadataStore } from '../../packages/broker/src/metadata/local-metadata-store.ts'
import {
  METADATA_FOLDER,
  openMetadataLog,
} from '../../packages/broker/src/metadata/metadata-log.ts'
import { Crash, CrashingDisk } from '../support/crashing-disk.ts'
import { DiskImage } from '../support/disk-image.ts'
import {
  DATA_FOLDER,
  metadataWorld,
  newMemoryDisk,
  storeOptions,
} from '../support/metadata-world.ts'
import { ModelDisk, type Survival } from '../support/model-disk.ts'

const folder = `${DATA_FOLDER}/${METADATA_FOLDER}`
const logPath = `${folder}/${'0'.repeat(20)}.log`

const block = (nextProducerId: number): MetadataChange[] => [
  { type: 'ProducerIdsRecord', brokerId: 1, nextProducerId },
]

/** Runs proposals until the machine is gone; gives the images that were answered for. */
const runUntilCrash = async (disk: CrashingDisk, rounds: number): Promise<MetadataImage[]> => {
  const answered: MetadataImage[] = []
  try {
    const store = await openLocalMetadataStore(
      storeOptions(metadataWorld(disk), { bytesBetweenSnapshots: 200 }),
    )
    for (let round = 1; round <= rounds; round++) {
      await store.propose(block(round * 1000), store.image)
      answered.push(store.image)
    }
  } catch (error) {
    if (!(error instanceof Crash)) throw error
  }
  return answered
}

describe('a crash of the metadata log', () => {
  it('at every step leaves what was answered, or that and the proposal under way', async () => {
    for (let steps = 0; ; steps++) {
      const under = await newMemoryDisk()
      const disk = new CrashingDisk(under, steps)
      const answered = await runUntilCrash(disk, 7)
      const options = storeOptions(metadataWorld(under))
      const { image, log } = await openMetadataLog(options)
      const produced = answered.at(-1)?.nextProducerId ?? 0
      expect([produced, produced + 1000]).toContain(image.nextProducerId)
      expect(image.revision).toBeGreaterThanOrEqual(answered.at(-1)?.revision ?? 0)
      await log.close()
      const again = await openMetadataLog({ ...options, lastStop: 'clean' })
      expect(again.image).toEqual(image)
      if (!disk.hasCrashed) break
    }
  })

  it('that tore the last batch at any byte is repaired, and the log goes on from there', async () => {
    const disk = await newMemoryDisk()
    const options = storeOptions(metadataWorld(disk))
    const store = await openLocalMetadataStore(options)
    await store.propose(block(1000), store.image)
    const before = store.image
    const keptBytes = (await disk.readFile(logPath))?.length ?? 0
    await store.propose(block(2000), store.image)
    await store.close()
    const whole = await disk.readFile(logPath)
    for (let cut = keptBytes; cut < (whole?.length ?? 0); cut++) {
      await disk.writeFileAtomically(logPath, whole?.subarray(0, cut) ?? Buffer.alloc(0))
      const torn = await openLocalMetadataStore(options)
      expect(torn.image).toEqual(before)
      await torn.propose(block(3000), torn.image)
      await torn.close()
      const again = await openLocalMetadataStore({ ...options, lastStop: 'clean' })
      expect(again.image.nextProducerId).toBe(3000)
      await again.close()
    }
  })

  it('is told from corruption: a changed bit before the last batch refuses to start, with the position', async () => {
    const disk = await newMemoryDisk()
    const options = storeOptions(metadataWorld(disk))
    const store = await openLocalMetadataStore(options)
    await store.propose(block(1000), store.image)
    const secondBatch = (await disk.readFile(logPath))?.length ?? 0
    await store.propose(block(2000), store.image)
    const thirdBatch = (await disk.readFile(logPath))?.length ?? 0
    await store.propose(block(3000), store.image)
    await store.close()
    const whole = await disk.readFile(logPath)
    for (let position = secondBatch; position < thirdBatch; position++) {
      const damaged = Buffer.from(whole ?? [])
      damaged[position] = (damaged[position] ?? 0) ^ 0x10
      await disk.writeFileAtomically(logPath, damaged)
      // The CRC does not cover the leader epoch, so a bit of it goes unseen.
      if (position >= secondBatch + 12 && position < secondBatch + 16) continue
      await expect(openMetadataLog(options)).rejects.toThrow(
        `The metadata log ${logPath} is damaged at position ${secondBatch}; restore it from a copy.`,
      )
      expect(await disk.readFile(logPath)).toEqual(damaged)
    }
  })

  it('cannot be the reason for a torn end after a clean stop: the broker refuses to start', async () => {
    const disk = await newMemoryDisk()
    const options = storeOptions(metadataWorld(disk))
    const store = await openLocalMetadataStore(options)
    await store.propose(block(1000), store.image)
    await store.close()
    const whole = await disk.readFile(logPath)
    await disk.writeFileAtomically(logPath, whole?.subarray(0, -1) ?? Buffer.alloc(0))
    await expect(openMetadataLog({ ...options, lastStop: 'clean' })).rejects.toThrow('is damaged')
  })

  it('never lets a damaged snapshot pass', async () => {
    const disk = await newMemoryDisk()
    const options = storeOptions(metadataWorld(disk), { bytesBetweenSnapshots: 1 })
    const store = await openLocalMetadataStore(options)
    await store.propose(block(1000), store.image)
    await store.close()
    const entry = (await disk.list(folder))?.find(({ name }) => name.endsWith('.checkpoint'))
    const path = `${folder}/${entry?.name}`
    const whole = await disk.readFile(path)
    for (let cut = 0; cut < (whole?.length ?? 0); cut++) {
      await disk.writeFileAtomically(path, whole?.subarray(0, cut) ?? Buffer.alloc(0))
      await expect(openMetadataLog(options)).rejects.toThrow('is damaged')
    }
  })

  it('never makes a missing metadata log look like a new cluster', async () => {
    const disk = await newMemoryDisk()
    await disk.makeDirectory(`${DATA_FOLDER}/orders-0`)
    await expect(openMetadataLog(storeOptions(metadataWorld(disk)))).rejects.toThrow(
      'has partitions (orders-0) but no metadata log',
    )
  })
})

describe('a power cut of the metadata log', () => {
  /** The images that were answered for, each with the count of disk operations at its answer. */
  const run = async (disk: ModelDisk) => {
    const world = metadataWorld(disk)
    const store = await openLocalMetadataStore(storeOptions(world, { bytesBetweenSnapshots: 200 }))
    const answered = [{ operations: disk.operations.length, image: store.image }]
    for (let round = 1; round <= 6; round++) {
      await store.propose(block(round * 1000), store.image)
      answered.push({ operations: disk.operations.length, image: store.image })
    }
    return answered
  }

  it.each<[string, (index: number, size: number) => Survival]>([
    ['keeps all', () => 'kept'],
    ['loses all', () => 'lost'],
    ['keeps every other', index => (index % 2 === 0 ? 'kept' : 'lost')],
    ['tears writes in the middle', (_, size) => ({ firstBytes: Math.floor(size / 2) })],
  ])('that %s of what was not synced takes nothing that was answered', async (_, survives) => {
    const empty = new DiskImage()
    const beginning = new ModelDisk(empty)
    await beginning.makeDirectory(DATA_FOLDER)
    const disk = new ModelDisk(beginning.imageAfter(1, () => 'kept'))
    const answered = await run(disk)
    for (let count = 0; count <= disk.operations.length; count++) {
      const left = disk.imageAfter(count, (operation, index) =>
        survives(index, operation.type === 'write' ? operation.bytes.length : 0),
      )
      const options = storeOptions(metadataWorld(new ModelDisk(left)))
      const { image, log } = await openMetadataLog(options)
      const least =
        answered.findLast(({ operations }) => operations <= count)?.image.nextProducerId ?? 0
      expect([least, least + 1000]).toContain(image.nextProducerId)
      await log.close()
      const again = await openMetadataLog({ ...options, lastStop: 'clean' })
      expect(again.image).toEqual(image)
    }
  })
})
