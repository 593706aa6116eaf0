import { describe, expect, it } from 'vitest'
import { lostStart } from '../../../../packages/broker/src/log/empty-start.ts'
import { loadLog } from '../../../../packages/broker/src/log/load-log.ts'
import type { LoadOptions } from '../../../../packages/broker/src/log/load-options.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import {
  diskWithFolder,
  identity,
  loadOptions,
  loadToolsOf,
  namesIn,
  singles,
  writeFile,
} from '../../../support/log-parts.ts'

const file = (offset: number, sizeBytes: number) => ({ offset, sizeBytes, modifiedMs: 0 })
const lost = (sizes: Readonly<Record<number, number>>, options: Partial<LoadOptions> = {}) => {
  const files = Object.entries(sizes).map(([offset, size]) => file(Number(offset), size))
  return lostStart(files, loadOptions(options))?.offset
}

describe('an empty segment at the start of a log', () => {
  it('is where the log ends when a later one is not empty', () => {
    expect(lost({ 3: 0, 4: 10 })).toBe(3)
    expect(lost({ 3: 0, 4: 0, 5: 10, 6: 0 })).toBe(3)
    expect(lost({ 3: 0, 4: 0, 5: 10 }, { recoveryPoint: 4 })).toBe(4)
  })

  it('is where the log ends when those behind it are empty, too', () => {
    expect(lost({ 3: 0, 4: 0 })).toBe(3)
    expect(lost({ 3: 0, 4: 0 }, { recoveryPoint: 3 })).toBe(3)
    expect(lost({ 3: 0, 4: 0 }, { recoveryPoint: 4 })).toBe(4)
    expect(lost({ 3: 0 })).toBe(3)
  })

  it('is nothing where records come before, or where the log was closed in order', () => {
    for (const sizes of [{}, { 3: 10 }, { 0: 10, 3: 0, 4: 10 }]) expect(lost(sizes)).toBeUndefined()
    expect(lost({ 3: 0, 4: 10 }, { lastStop: 'clean' })).toBeUndefined()
  })

  it('has lost nothing that was synced, compacted or deleted', () => {
    for (const known of ['recoveryPoint', 'compactedTo', 'logStartOffset'] as const)
      expect([
        lost({ 3: 0, 4: 10 }, { [known]: 3 }),
        lost({ 3: 0, 4: 10 }, { [known]: 4 }),
      ]).toEqual([3, undefined])
  })

  it('takes what follows out of the log, and the snapshots of it', async () => {
    const disk = await diskWithFolder()
    writeFile(disk, 'partition.metadata', `version: 0\ntopic_id: ${identity.topicId}`)
    writeFile(disk, '00000000000000000003.log', '')
    writeFile(disk, '00000000000000000004.log', Buffer.concat(singles(4, ['a', 'b'])))
    writeFile(disk, '00000000000000000004.snapshot', 'x')
    const tools = loadToolsOf(quietWorld(disk))
    for (const _ of ['the first start', 'another one']) {
      const state = await loadLog(identity, loadOptions(), tools)
      expect([state.logStartOffset, state.logEndOffset]).toEqual([3, 3])
      expect((await namesIn(disk)).filter(name => name.startsWith('0'))).toEqual([
        ...['00000000000000000003.log', '00000000000000000004.log.0.torn'],
      ])
    }
  })
})
