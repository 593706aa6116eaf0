import { describe, expect, it } from 'vitest'
import { isKraftFolder } from '../../../../packages/broker/src/metadata/kraft-log.ts'
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

/** The bytes of all logs: what is adopted keeps them as they are. */
async function logsOn(disk: Disk): Promise<Record<string, string>> {
  const logs: Record<string, string> = {}
  for (const { name: folder, isDirectory } of (await disk.list(DATA_FOLDER)) ?? []) {
    if (!isDirectory || !/-\d+$/.test(folder) || folder.startsWith('__cluster')) continue
    for (const { name } of (await disk.list(`${DATA_FOLDER}/${folder}`)) ?? [])
      if (name.endsWith('.log'))
        logs[`${folder}/${name}`] = String(
          (await disk.readFile(`${DATA_FOLDER}/${folder}/${name}`))?.toString('base64'),
        )
  }
  return logs
}

const metadataOn = async (disk: Disk) => {
  const metadata = await openLocalMetadataStore(storeOptions(metadataWorld(disk)))
  await metadata.close()
  const { topics, nextProducerId, revision } = metadata.image
  return { names: [...topics.byName.keys()].sort(), nextProducerId, revision }
}

async function adopted(kind: 'killed' | 'stopped') {
  const disk = await newMemoryDisk()
  await putOnDisk(disk, DATA_FOLDER, kafkaFolder(kind))
  await adoptAll(metadataWorld(disk))
  return { logs: await logsOn(disk), metadata: await metadataOn(disk) }
}

describe('a folder of Kafka', () => {
  it('keeps every byte of its logs, and a journal of ours from before goes', async () => {
    const disk = await newMemoryDisk()
    await putOnDisk(disk, DATA_FOLDER, kafkaFolder('stopped'))
    await disk.makeDirectory(`${DATA_FOLDER}/__journal`)
    const before = await logsOn(disk)
    await adoptAll(metadataWorld(disk))
    expect(await logsOn(disk)).toEqual(before)
    expect(await disk.list(`${DATA_FOLDER}/__journal`)).toBeUndefined()
    expect(await isKraftFolder(disk, DATA_FOLDER)).toBe(false)
  })

  for (const kind of ['killed', 'stopped'] as const)
    it(`that was ${kind} is adopted in the end, wherever a crash came between`, async () => {
      const wanted = await adopted(kind)
      let crashes = 0
      for (let steps = 0; ; steps += kind === 'stopped' ? 1 : 97) {
        const under = await newMemoryDisk()
        await putOnDisk(under, DATA_FOLDER, kafkaFolder(kind))
        const disk = new CrashingDisk(under, steps)
        await adoptAll(metadataWorld(disk)).catch((error: unknown) => {
          if (!(error instanceof Crash)) throw error
          crashes++
        })
        if (!disk.hasCrashed) break
        const left = await newMemoryDisk()
        await putOnDisk(left, DATA_FOLDER, await imageOnDisk(under, DATA_FOLDER))
        await adoptAll(metadataWorld(left))
        expect(await logsOn(left)).toEqual(wanted.logs)
        expect(await metadataOn(left)).toEqual(wanted.metadata)
      }
      expect(crashes).toBeGreaterThan(10)
    })
})
