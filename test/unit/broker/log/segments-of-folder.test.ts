import { describe, expect, it } from 'vitest'
import { logFolderOf } from '../../../../packages/broker/src/log/log-folder.ts'
import { segmentsOfFolder } from '../../../../packages/broker/src/log/segments-of-folder.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import { diskWithFolder, identity, loadToolsOf } from '../../../support/log-parts.ts'

const entry = (name: string, sizeBytes: number) => ({
  ...{ name, sizeBytes, modifiedMs: 70 },
  isDirectory: false,
})
const file = (offset: number, kind = 'log') => `${String(offset).padStart(20, '0')}.${kind}`

describe('the segments of a log', () => {
  it('are those files that were kept, with their sizes and times', async () => {
    const tools = loadToolsOf(quietWorld(await diskWithFolder()))
    const folder = logFolderOf([
      ...[entry(file(0), 10), entry(file(5), 20), entry(file(9), 0)],
      entry(file(5, 'txnindex'), 34),
    ])
    const kept = folder.files.get('log')?.slice(0, 2) ?? []
    const { all } = segmentsOfFolder(identity, folder, { kept, logStartOffset: 3 }, tools)
    expect(all.map(each => [each.baseOffset, each.sizeBytes, each.createdMs])).toEqual([
      [0, 10, 70],
      [5, 20, 70],
    ])
    // Where there is no file nothing was aborted, and nothing has to be read to know it.
    expect(all.map(({ transactions }) => transactions.index?.count)).toEqual([0, undefined])
  })

  it('are one that is still to be made, at the start of a log without files', async () => {
    const tools = loadToolsOf(quietWorld(await diskWithFolder()))
    const given = { kept: [], logStartOffset: 3 }
    const { all, active } = segmentsOfFolder(identity, undefined, given, tools)
    expect([all.length, active.baseOffset, active.sizeBytes]).toEqual([1, 3, 0])
    expect(active.indexes?.offsets.count).toBe(0)
  })
})
