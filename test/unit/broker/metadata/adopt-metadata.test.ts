import { expect, it } from 'vitest'
import { adoptMetadata } from '../../../../packages/broker/src/metadata/adopt-metadata.ts'
import { imageOfKraft } from '../../../../packages/broker/src/metadata/kraft-image.ts'
import { isKraftFolder, readKraftLog } from '../../../../packages/broker/src/metadata/kraft-log.ts'
import {
  METADATA_FOLDER,
  openMetadataLog,
} from '../../../../packages/broker/src/metadata/metadata-log.ts'
import type { Disk } from '../../../../packages/broker/src/world.ts'
import { Crash, CrashingDisk } from '../../../support/crashing-disk.ts'
import { putOnDisk } from '../../../support/folder-image.ts'
import { KAFKA_CLUSTER, kafkaFolder } from '../../../support/kafka-folder.ts'
import {
  DATA_FOLDER,
  metadataWorld,
  newMemoryDisk,
  storeOptions,
} from '../../../support/metadata-world.ts'

const files = new Map(
  [...kafkaFolder('stopped')].filter(([name]) => name.startsWith(METADATA_FOLDER)),
)
const directoryId = /directory\.id=(\S+)/.exec(
  String(kafkaFolder('stopped').get('meta.properties')),
)
const owner = { clusterId: KAFKA_CLUSTER, nodeId: 1, directoryId: directoryId?.[1] ?? '' }

async function adopt(disk: Disk): Promise<void> {
  const log = await readKraftLog(disk, DATA_FOLDER, 'unclean')
  const image = imageOfKraft(log, owner)
  const { leaderEpoch } = log
  await adoptMetadata({ world: metadataWorld(disk), directory: DATA_FOLDER, image, leaderEpoch })
}

const opened = async (disk: Disk) => {
  const options = storeOptions(metadataWorld(disk), { clusterId: KAFKA_CLUSTER })
  const { image, log } = await openMetadataLog(options)
  await log.close()
  return { image, leaderEpoch: log.leaderEpoch }
}

it('leaves a snapshot of ours where the log of Kafka ended, and nothing else of it', async () => {
  const disk = await newMemoryDisk()
  await putOnDisk(disk, DATA_FOLDER, files)
  await adopt(disk)
  const names = ((await disk.list(`${DATA_FOLDER}/${METADATA_FOLDER}`)) ?? []).map(
    entry => entry.name,
  )
  expect(names.sort()).toEqual([
    '00000000000000000162-0000000002.checkpoint',
    '00000000000000000162.log',
    'partition.metadata',
  ])
  const { image, leaderEpoch } = await opened(disk)
  expect([image.revision, leaderEpoch]).toEqual([162, 2])
  expect([...image.topics.byName.keys()].sort()).toEqual([
    '__consumer_offsets',
    '__transaction_state',
    'orders',
    'transfers',
    'users',
  ])
  expect([...image.scramCredentials.keys()]).toEqual(['alice'])
  expect([image.clientQuotas.size, image.kept.size]).toEqual([1, 1])
  expect(image.brokerConfigs.get('')?.get('log.cleaner.backoff.ms')).toBe('300')
})

/** As Kafka leaves it when it was killed in the middle of a write. */
function torn(): ReadonlyMap<string, Buffer> {
  const name = `${METADATA_FOLDER}/00000000000000000000.log`
  const whole = files.get(name) ?? Buffer.alloc(0)
  return new Map([...files, [name, whole.subarray(0, whole.length - 5)]])
}

it.each([
  ['a whole log', files],
  ['a torn log', torn()],
] as const)('crashed at every step with %s, it is done again or was done', async (_, left) => {
  const whole = await newMemoryDisk()
  await putOnDisk(whole, DATA_FOLDER, left)
  await adopt(whole)
  const wanted = await opened(whole)
  const epochless = (text: string) => text.replaceAll(/"(leader|partition)Epoch":\d+/g, '')
  const told = ({ image }: typeof wanted) =>
    epochless(JSON.stringify([...image.topics.byId].map(([id, topic]) => [id, topic.partitions])))
  let crashes = 0
  for (let steps = 0; ; steps++) {
    const under = await newMemoryDisk()
    await putOnDisk(under, DATA_FOLDER, left)
    const disk = new CrashingDisk(under, steps)
    await adopt(disk).catch((error: unknown) => {
      if (!(error instanceof Crash)) throw error
      crashes++
    })
    if (await isKraftFolder(under, DATA_FOLDER)) await adopt(under)
    const found = await opened(under)
    expect(told(found)).toBe(told(wanted))
    expect([found.image.revision, found.leaderEpoch]).toEqual([wanted.image.revision, 2])
    if (!disk.hasCrashed) break
  }
  expect(crashes).toBeGreaterThan(10)
})
