import { expect, it } from 'vitest'
import { cleanLog } from '../../../../../packages/broker/src/log/compaction/clean-log.ts'
import { cleanableRange } from '../../../../../packages/broker/src/log/compaction/cleanable-range.ts'
import { Pace } from '../../../../../packages/broker/src/log/compaction/pace.ts'
import { loadLog } from '../../../../../packages/broker/src/log/load-log.ts'
import { PartitionLog } from '../../../../../packages/broker/src/log/partition-log.ts'
import { DiskError } from '../../../../../packages/broker/src/world.ts'
import {
  addSegments,
  batchesIn,
  compacted,
  type TestBatch,
} from '../../../../support/compaction-log.ts'
import { quietWorld } from '../../../../support/journal-world.ts'
import { plainLimits, plainSettings } from '../../../../support/log-harness.ts'
import {
  diskWithFolder,
  identity,
  loadOptions,
  loadToolsOf,
  namesIn,
  writeFile,
} from '../../../../support/log-parts.ts'
import type { ModelDisk } from '../../../../support/model-disk.ts'

const noop = () => undefined
const records = (...keys: readonly string[]): TestBatch => ({
  type: 'records',
  records: keys.map(key => ({ key, value: 'v', timestamp: 900 })),
})

/** A log of 8 records in three segments and an active one. */
async function given({ mapBytesMax = 1024 * 1024, isStopped = (): boolean => false } = {}) {
  const disk = await diskWithFolder()
  writeFile(disk, 'partition.metadata', `version: 0\ntopic_id: ${identity.topicId}`)
  const segments = [
    [records('a', 'b')],
    [records('a', 'c')],
    [records('b', 'd')],
    [records('a', 'e')],
  ]
  await addSegments(disk, segments, 0)
  const world = quietWorld(disk)
  const tools = {
    ...loadToolsOf(world),
    flusher: {
      markDirty: noop,
      requestSync: noop,
      forget: noop,
      holdsBack: () => false,
      isBehind: () => false,
      spaceError: undefined,
    },
  }
  const settings = { ...plainSettings, ...compacted }
  const state = await loadLog(identity, loadOptions(), tools)
  const observer = { ackableUpTo: noop, appendsFailed: noop }
  const log = new PartitionLog(identity, state, { settings, tools, observer })
  const clean = async (cleanedTo?: number) => {
    const range = await cleanableRange({
      ...{ segments: log.segments.all, settings, logStartOffset: 0, logEndOffset: 8, cleanedTo },
      ...{ lastStableOffset: 8, recoveryPoint: log.cleanableTo, now: world.clock.now() },
    })
    const pace = new Pace(world.clock, () => Number.MAX_VALUE, isStopped)
    const limits = { ...plainLimits.compaction, mapBytesMax }
    return cleanLog(log, range, { log: tools, limits, pace })
  }
  return { disk, log, clean, world }
}

const keysIn = async (disk: ModelDisk) =>
  (await batchesIn(disk)).flatMap(batch =>
    batch.records.map(({ key, offset }) => `${key}${offset}`),
  )

function failRenames(disk: ModelDisk, end: string): void {
  const rename = disk.rename.bind(disk)
  disk.rename = (from, to) =>
    to.endsWith(end) ? Promise.reject(new DiskError('rename', from, 'EIO')) : rename(from, to)
}

const suffixed = async (disk: ModelDisk) =>
  (await namesIn(disk)).filter(name => /\.(cleaned|swap|deleted)$/.test(name))

it('leaves the newest of each key in one segment, and says what came of it', async () => {
  const { disk, log, clean, world } = await given()
  const bytesBefore = log.segments.all
    .slice(0, 3)
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const cleaning = await clean()
  // What lies in the active segment counts for nothing yet.
  expect(await keysIn(disk)).toEqual(['a2', 'c3', 'b4', 'd5', 'a6', 'e7'])
  expect(log.segments.all.map(({ baseOffset }) => baseOffset)).toEqual([0, 6])
  const [bytesAfter] = log.segments.all.map(({ sizeBytes }) => sizeBytes)
  expect(cleaning).toEqual({ cleanedTo: 6, bytesBefore, bytesAfter })
  expect(bytesAfter).toBeLessThan(bytesBefore)
  expect(await suffixed(disk)).not.toEqual([])
  world.clock.advance(log.settings.fileDeleteDelayMs)
  await new Promise(resolve => setImmediate(resolve))
  expect(await suffixed(disk)).toEqual([])
})

it('goes as far as the map has room, and on from there the next time', async () => {
  const { disk, clean } = await given({ mapBytesMax: 24 * 3 })
  expect((await clean()).cleanedTo).toBe(2)
  expect(await keysIn(disk)).toEqual(['a0', 'b1', 'a2', 'c3', 'b4', 'd5', 'a6', 'e7'])
  expect((await clean(2)).cleanedTo).toBe(4)
  expect(await keysIn(disk)).toEqual(['b1', 'a2', 'c3', 'b4', 'd5', 'a6', 'e7'])
  expect((await clean(4)).cleanedTo).toBe(6)
  expect(await keysIn(disk)).toEqual(['a2', 'c3', 'b4', 'd5', 'a6', 'e7'])
})

it('changes nothing when it is stopped', async () => {
  let looks = 0
  const { disk, log, clean } = await given({ isStopped: () => ++looks > 4 })
  const [before, segments] = [await namesIn(disk), log.segments.all]
  await expect(clean()).rejects.toThrow('not cleaned any more')
  expect([await namesIn(disk), log.segments.all]).toEqual([before, segments])
  expect(log.isClosedOrOffline).toBe(false)
})

it('leaves the log as it was when the names cannot be prepared', async () => {
  const { disk, log, clean } = await given()
  const before = await namesIn(disk)
  failRenames(disk, '.index.swap')
  await expect(clean()).rejects.toThrow('EIO')
  expect(await namesIn(disk)).toEqual(before)
  expect([log.isClosedOrOffline, log.segments.all.length]).toEqual([false, 4])
})

it('takes the log offline when nobody knows which segments count', async () => {
  const { disk, log, clean } = await given()
  failRenames(disk, '.log.swap')
  await expect(clean()).rejects.toThrow('EIO')
  expect(log.isClosedOrOffline).toBe(true)
})
