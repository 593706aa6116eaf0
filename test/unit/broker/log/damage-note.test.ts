import { describe, expect, it } from 'vitest'
import {
  clearDamageNote,
  hasDamageNote,
  noteDamage,
  withDamageNote,
} from '../../../../packages/broker/src/log/damage-note.ts'
import { damagedLog } from '../../../../packages/broker/src/log/load-options.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import {
  diskWithFolder,
  FOLDER,
  loadOptions,
  namesIn,
  writeFile,
} from '../../../support/log-parts.ts'

const found = { error: damagedLog(FOLDER), durableEnd: 40, recoveryPoint: 30 }

describe('the note of a damaged log', () => {
  it('makes the next start look through the log again, though the stop was clean', async () => {
    const disk = await diskWithFolder()
    await noteDamage(disk, FOLDER, found)
    const given = loadOptions({ lastStop: 'clean', recoveryPoint: 50, logStartOffset: 7 })
    expect(await withDamageNote(disk, FOLDER, given)).toEqual({
      lastStop: 'unclean',
      isSuspect: true,
      recoveryPoint: 30,
      logStartOffset: 7,
      compactedTo: 0,
      missingFolder: 'make',
      recovered: { topicId: '', partition: 0, entries: [], durableOffset: 40 },
    })
  })

  it('adds to what the journal knows, and takes nothing away from it', async () => {
    const disk = await diskWithFolder()
    await noteDamage(disk, FOLDER, found)
    const recovered = { topicId: 'topic', partition: 3, entries: [], durableOffset: 60 }
    const options = await withDamageNote(disk, FOLDER, loadOptions({ recovered, recoveryPoint: 5 }))
    expect([options.recovered, options.recoveryPoint]).toEqual([recovered, 5])
    const behind = { ...recovered, durableOffset: 20 }
    const sharper = await withDamageNote(disk, FOLDER, loadOptions({ recovered: behind }))
    expect(sharper.recovered).toEqual({ ...recovered, durableOffset: 40 })
  })

  it('changes nothing where there is none, or none that can be read', async () => {
    const disk = await diskWithFolder()
    const options = loadOptions({ lastStop: 'clean' })
    expect(await withDamageNote(disk, FOLDER, options)).toBe(options)
    writeFile(disk, 'damaged', 'durable 40\n')
    expect(await withDamageNote(disk, FOLDER, options)).toBe(options)
  })

  it('is written of a log that cannot be read only when its journal said more than its recovery point', async () => {
    const disk = await diskWithFolder()
    const error = new DiskError('read', FOLDER, 'EIO')
    await noteDamage(disk, FOLDER, { error, durableEnd: 30, recoveryPoint: 30 })
    expect(await namesIn(disk)).toEqual([])
    await noteDamage(disk, FOLDER, { error, durableEnd: 31, recoveryPoint: 30 })
    expect((await disk.readFile(`${FOLDER}/damaged`))?.toString()).toBe('durable 31\nfrom 30\n')
  })

  it('is not written where the folder is gone', async () => {
    const disk = await diskWithFolder()
    await noteDamage(disk, '/data/gone-0', found)
    expect(await disk.list('/data/gone-0')).toBeUndefined()
  })

  it('is there when it can be read', async () => {
    const disk = await diskWithFolder()
    expect(await hasDamageNote(disk, FOLDER)).toBe(false)
    writeFile(disk, 'damaged', 'durable 40\n')
    expect(await hasDamageNote(disk, FOLDER)).toBe(false)
    await noteDamage(disk, FOLDER, found)
    expect(await hasDamageNote(disk, FOLDER)).toBe(true)
  })

  it('goes away when the log is whole', async () => {
    const disk = await diskWithFolder()
    await clearDamageNote(disk, FOLDER)
    await noteDamage(disk, FOLDER, found)
    expect(await namesIn(disk)).toEqual(['damaged'])
    await clearDamageNote(disk, FOLDER)
    expect(await namesIn(disk)).toEqual([])
  })
})
