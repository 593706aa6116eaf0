import { describe, expect, it } from 'vitest'
import type { RecoveredEntry } from '../../../../packages/broker/src/log/journal/entry.ts'
import {
  keepRecovered,
  restoreSegments,
  unsyncedPart,
} from '../../../../packages/broker/src/log/restore-segments.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import {
  afterPowerLoss,
  diskWithFolder,
  FOLDER,
  identity,
  loadToolsOf,
  namesIn,
  writeFile,
} from '../../../support/log-parts.ts'
import type { ModelDisk } from '../../../support/model-disk.ts'

const log = (baseOffset: number) => `${String(baseOffset).padStart(20, '0')}.log`

const entry = (
  segmentBaseOffset: number,
  segmentPosition: number,
  text: string,
): RecoveredEntry => ({
  ...{ type: 'bytes', topicId: identity.topicId, partition: 0, leaderEpoch: 0 },
  ...{ baseOffset: 0, endOffset: 1, segmentBaseOffset, segmentPosition },
  ...{ sizeBytes: text.length, read: async () => Buffer.from(text) },
})
const extent = (segmentBaseOffset: number): RecoveredEntry => ({
  ...{ type: 'extent', topicId: identity.topicId, partition: 0, leaderEpoch: 0 },
  ...{ baseOffset: 0, endOffset: 1, segmentBaseOffset, segmentPosition: 0, sizeBytes: 10 },
})

async function given(files: { readonly [name: string]: string }) {
  const disk = await diskWithFolder()
  writeFile(disk, 'partition.metadata', `version: 0\ntopic_id: ${identity.topicId}`)
  for (const [name, content] of Object.entries(files)) writeFile(disk, name, content)
  await disk.syncDirectory('/data')
  const tools = loadToolsOf(quietWorld(disk))
  const recoveredOf = (entries: readonly RecoveredEntry[]) => ({
    ...{ topicId: identity.topicId, partition: 0, durableOffset: undefined, entries },
  })
  return {
    disk,
    restore: (entries: readonly RecoveredEntry[]) =>
      restoreSegments(identity, recoveredOf(entries), tools),
    keep: (entries: readonly RecoveredEntry[]) =>
      keepRecovered(identity, recoveredOf(entries), tools),
  }
}

const textOf = async (disk: ModelDisk, baseOffset: number) =>
  (await disk.readFile(`${FOLDER}/${log(baseOffset)}`))?.toString()

describe('what the journal holds', () => {
  it('is written to its places, and the folder is read again', async () => {
    const { disk, restore } = await given({ [log(0)]: 'abc' })
    const folder = await restore([entry(0, 3, 'def'), entry(5, 0, 'xy'), entry(5, 2, 'z')])
    expect([await textOf(disk, 0), await textOf(disk, 5)]).toEqual(['abcdef', 'xyz'])
    expect(folder?.files.get('log')?.map(({ offset, sizeBytes }) => [offset, sizeBytes])).toEqual([
      [0, 6],
      [5, 3],
    ])
  })

  it('is the same when it is written again', async () => {
    const { disk, restore } = await given({ [log(0)]: 'abc' })
    const entries = [entry(0, 2, 'CDE'), entry(0, 5, 'F')]
    await restore(entries)
    await restore(entries)
    expect(await textOf(disk, 0)).toBe('abCDEF')
  })

  it('is written though it is there already, for the page may count as clean and not be on the disk', async () => {
    const { disk, restore } = await given({ [log(0)]: 'abc' })
    const before = disk.operations.length
    await restore([entry(0, 0, 'abc')])
    expect(disk.operations.slice(before).map(({ type }) => type)).toEqual(['write'])
  })

  it('brings back no segment that was deleted since', async () => {
    const { disk, restore } = await given({ [log(10)]: 'abc' })
    await restore([entry(0, 0, 'old'), entry(10, 3, 'd')])
    expect([await textOf(disk, 0), await textOf(disk, 10)]).toEqual([undefined, 'abcd'])
  })

  it('says nothing of a batch that is only in its segment', async () => {
    const { disk, restore } = await given({ [log(0)]: 'abc' })
    const before = await namesIn(disk)
    await restore([extent(0), extent(7)])
    expect(await namesIn(disk)).toEqual(before)
    expect(await textOf(disk, 0)).toBe('abc')
  })

  it('is not put back in part without saying so when the disk is full', async () => {
    const { disk, restore } = await given({})
    disk.capacityBytes = 60
    await expect(restore([entry(0, 0, 'x'.repeat(100))])).rejects.toThrow('ENOSPC')
  })

  it('outlives a loss of power after it was put back for a log that stays offline', async () => {
    const { disk, keep } = await given({ [log(0)]: 'abc' })
    await keep([entry(0, 3, 'def')])
    expect(await textOf(afterPowerLoss(disk), 0)).toBe('abcdef')
  })

  it('is not put into a folder that is gone', async () => {
    const { disk, keep } = await given({})
    await disk.removeDirectory(FOLDER)
    await keep([entry(0, 0, 'abc')])
    expect(await disk.list(FOLDER)).toBeUndefined()
  })
})

describe('what is synced already', () => {
  const at = (baseOffset: number, endOffset: number): RecoveredEntry => ({
    ...entry(0, baseOffset, 'x'),
    baseOffset,
    endOffset,
  })
  const log = { topicId: identity.topicId, partition: 0, durableOffset: 9 }

  const keptOf = (entries: readonly RecoveredEntry[], syncedTo: number) =>
    unsyncedPart({ ...log, entries }, syncedTo).entries.map(kept => entries.indexOf(kept))

  it('is not put back, for compaction may have moved it', () => {
    const entries = [at(0, 3), at(3, 5), at(5, 9)]
    expect(keptOf(entries, 5)).toEqual([2])
    expect(keptOf(entries, 4)).toEqual([1, 2])
    const all = { ...log, entries }
    expect(unsyncedPart(all, 0)).toBe(all)
  })

  it('is known of a run in pieces by the last of them', () => {
    const entries = [at(0, 0), at(0, 0), at(0, 4), at(4, 4), at(4, 8)]
    expect(keptOf(entries, 4)).toEqual([3, 4])
    expect(keptOf(entries, 3)).toEqual([0, 1, 2, 3, 4])
    expect(keptOf([at(4, 4)], 4)).toEqual([0])
  })
})
