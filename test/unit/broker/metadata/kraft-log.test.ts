import { describe, expect, it } from 'vitest'
import {
  isKraftFolder,
  QUORUM_STATE,
  readKraftLog,
} from '../../../../packages/broker/src/metadata/kraft-log.ts'
import { openLocalMetadataStore } from '../../../../packages/broker/src/metadata/local-metadata-store.ts'
import { METADATA_FOLDER } from '../../../../packages/broker/src/metadata/metadata-log.ts'
import { putOnDisk } from '../../../support/folder-image.ts'
import { kafkaFolder } from '../../../support/kafka-folder.ts'
import { kraftRecord } from '../../../support/kraft-records.ts'
import { metadataBatchOf } from '../../../support/metadata-batch-of.ts'
import {
  DATA_FOLDER,
  metadataWorld,
  newMemoryDisk,
  storeOptions,
} from '../../../support/metadata-world.ts'

const LOG = `${METADATA_FOLDER}/00000000000000000000.log`

async function diskWith(files: ReadonlyMap<string, Buffer>) {
  const disk = await newMemoryDisk()
  await putOnDisk(disk, DATA_FOLDER, files)
  return disk
}

const only = (pattern: RegExp) =>
  new Map([...kafkaFolder('stopped')].filter(([name]) => pattern.test(name)))

describe("Kafka's metadata log", () => {
  it('is known by the file about elections; one of ours is not', async () => {
    expect(await isKraftFolder(await diskWith(kafkaFolder('stopped')), DATA_FOLDER)).toBe(true)
    const disk = await newMemoryDisk()
    await (await openLocalMetadataStore(storeOptions(metadataWorld(disk)))).close()
    expect(await isKraftFolder(disk, DATA_FOLDER)).toBe(false)
  })

  it('is known by what formatting left, as long as nobody wrote a record', async () => {
    const disk = await diskWith(only(/^bootstrap|^meta/))
    expect(await isKraftFolder(disk, DATA_FOLDER)).toBe(true)
    await (await openLocalMetadataStore(storeOptions(metadataWorld(disk)))).close()
    expect(await isKraftFolder(disk, DATA_FOLDER)).toBe(false)
  })

  it('is read to its end, with the epoch of its last leader', async () => {
    const log = await readKraftLog(await diskWith(kafkaFolder('stopped')), DATA_FOLDER, 'clean')
    expect([log.endOffset, log.leaderEpoch]).toEqual([162, 2])
    const types = new Set(log.records.map(({ record }) => record.type))
    for (const type of [
      'TopicRecord',
      'PartitionChangeRecord',
      'UserScramCredentialRecord',
    ] as const)
      expect(types).toContain(type)
  })

  it('gives the records of formatting when there are no others', async () => {
    const log = await readKraftLog(await diskWith(only(/^bootstrap/)), DATA_FOLDER, 'unclean')
    expect(log.endOffset).toBe(0)
    expect(log.records.map(({ record }) => record.type)).toContain('UserScramCredentialRecord')
  })

  it('may end in a torn write after a crash, and not after a clean stop', async () => {
    const files = only(/__cluster_metadata/)
    const whole = files.get(LOG) ?? Buffer.alloc(0)
    files.set(LOG, whole.subarray(0, whole.length - 5))
    const disk = await diskWith(files)
    expect((await readKraftLog(disk, DATA_FOLDER, 'unclean')).endOffset).toBeLessThan(162)
    await expect(readKraftLog(disk, DATA_FOLDER, 'clean')).rejects.toThrow(
      "Kafka's metadata in /data/__cluster_metadata-0/00000000000000000000.log is damaged or incomplete",
    )
  })

  it('leaves out what a metadata transaction did not commit', async () => {
    const topic = (name: string) =>
      kraftRecord({
        type: 'TopicRecord',
        version: 0,
        record: { name, topicId: 'AAAAAAAAAAAAAAAAAAAACg' },
      })
    const mark = (
      type: 'BeginTransactionRecord' | 'EndTransactionRecord' | 'AbortTransactionRecord',
    ) => kraftRecord({ type, version: 0, record: {} })
    const records = [
      ...[mark('BeginTransactionRecord'), topic('a'), mark('EndTransactionRecord')],
      ...[mark('BeginTransactionRecord'), topic('b'), mark('AbortTransactionRecord'), topic('c')],
      ...[mark('BeginTransactionRecord'), topic('d')],
    ]
    const files = new Map([
      [LOG, metadataBatchOf(records.map(({ value }) => value))],
      [`${METADATA_FOLDER}/${QUORUM_STATE}`, Buffer.from('{}')],
    ])
    const log = await readKraftLog(await diskWith(files), DATA_FOLDER, 'clean')
    const names = log.records.map(({ record }) =>
      'name' in record.record ? record.record.name : '',
    )
    expect(names).toEqual(['a', 'c'])
  })

  it('is refused by name when it has a record that nobody knows here', async () => {
    const files = new Map([[LOG, metadataBatchOf([Buffer.from([1, 99, 0, 0])])]])
    await expect(readKraftLog(await diskWith(files), DATA_FOLDER, 'clean')).rejects.toThrow(
      'it has a record that this version of Varve does not know (metadata record type 99 is unknown)',
    )
  })
})
