import { describe, expect, it } from 'vitest'
import { logFolderOf } from '../../../../packages/broker/src/log/log-folder.ts'
import { segmentsOfFolder } from '../../../../packages/broker/src/log/segments-of-folder.ts'
import { uselessFiles } from '../../../../packages/broker/src/log/useless-files.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import { diskWithFolder, identity, loadToolsOf } from '../../../support/log-parts.ts'

const INDEXES = ['index', 'timeindex', 'txnindex']
const SNAPSHOTS = ['snapshot', 'sequences']
const KINDS = [...INDEXES, ...SNAPSHOTS]

const name = (offset: number, kind: string) => `${String(offset).padStart(20, '0')}.${kind}`
const names = (offset: number, kinds: readonly string[]) => kinds.map(kind => name(offset, kind))

/** Of a log that ends at offset 30, in which segments begin at 7 and at 20. */
async function useless(found: readonly string[]) {
  const folder = logFolderOf(
    [...found, name(7, 'log'), name(20, 'log')].map(file => ({
      ...{ name: file, isDirectory: false, sizeBytes: 1, modifiedMs: 0 },
    })),
  )
  const tools = loadToolsOf(quietWorld(await diskWithFolder()))
  const kept = folder.files.get('log') ?? []
  const segments = segmentsOfFolder(identity, folder, { kept, logStartOffset: 0 }, tools)
  return uselessFiles(folder, { segments, logEndOffset: 30 })
}

describe('of no use in a log that was opened are', () => {
  it('what is left of segments before the first one, snapshots only where that has its own', async () => {
    expect(await useless(names(3, KINDS))).toEqual(names(3, INDEXES))
    const both = [...names(3, KINDS), ...names(7, KINDS)]
    expect(await useless(both)).toEqual(names(3, KINDS))
    expect(await useless(names(7, KINDS))).toEqual([])
  })

  it('snapshots of earlier stops within segments, but not the newest, nor those where segments begin', async () => {
    const found = [7, 11, 15, 20, 25, 30].flatMap(offset => names(offset, SNAPSHOTS))
    expect(await useless(found)).toEqual(
      ['snapshot', 'sequences'].flatMap(kind => [11, 15, 25].map(offset => name(offset, kind))),
    )
    expect(await useless([...names(20, SNAPSHOTS), ...names(25, SNAPSHOTS)])).toEqual([])
  })

  it('no snapshot because of one that lies beyond the end', async () => {
    const found = [11, 40].flatMap(offset => names(offset, SNAPSHOTS))
    expect(await useless(found)).toEqual([])
  })

  it('what waits for its removal, and a recovery mark', async () => {
    const found = [name(7, 'log.deleted'), 'recovery-mark', 'a note of the operator']
    expect(await useless(found)).toEqual([name(7, 'log.deleted'), 'recovery-mark'])
  })

  it('none in a log that has no folder yet', async () => {
    const tools = loadToolsOf(quietWorld(await diskWithFolder()))
    const given = { kept: [], logStartOffset: 0 }
    const segments = segmentsOfFolder(identity, undefined, given, tools)
    expect(uselessFiles(undefined, { segments, logEndOffset: 0 })).toEqual([])
  })
})
