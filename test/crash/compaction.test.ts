import { describe, expect, it } from 'vitest'
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'
import {
  addSegments,
  batchesIn,
  compacted,
  emptyLog,
  type FoundBatch,
  letCompact,
  type TestBatch,
} from '../support/compaction-log.ts'
import { DiskImage } from '../support/disk-image.ts'
import { quietWorld } from '../support/journal-world.ts'
import {
  append,
  batchOf,
  type HarnessOptions,
  openHarness,
  plainLimits,
} from '../support/log-harness.ts'
import { FOLDER, namesIn } from '../support/log-parts.ts'
import { type DiskOperation, ModelDisk, type Survival } from '../support/model-disk.ts'

type Survives = (operation: DiskOperation, index: number) => Survival

const options: HarnessOptions = {
  settings: { ...compacted, segmentBytes: 900 },
  unsyncedBytes: 1,
}
const withoutCleaning: HarnessOptions = {
  ...options,
  limits: { compaction: { ...plainLimits.compaction, isEnabled: false } },
}

const anythingSurvives = (seed: number): Survives => {
  const random = memoryRandom(seed)
  return operation => {
    const choice = random.below(3)
    if (choice === 0) return 'kept'
    if (choice === 1 || operation.type !== 'write') return 'lost'
    return { firstBytes: random.below(operation.bytes.length + 1) }
  }
}

const fates: readonly (readonly [string, Survives])[] = [
  ['all was written back', () => 'kept'],
  ['nothing was written back', () => 'lost'],
  ['something was', anythingSurvives(1)],
  ['something else was', anythingSurvives(2)],
  ['and something else again', anythingSurvives(3)],
]

/** What tells two states of a log apart. */
const shapeOf = (batches: readonly FoundBatch[]): string =>
  batches
    .map(({ baseOffset, lastOffset, records, deleteHorizonMs }) =>
      [baseOffset, lastOffset, records.map(record => record.offset), deleteHorizonMs].join(),
    )
    .join(';')

interface Run {
  readonly disk: ModelDisk
  /** The counts of disk operations between which the cleaning ran. */
  readonly from: number
  readonly to: number
  /** The shapes that the log may have: so many groups new, the others old. */
  readonly states: readonly string[]
}

async function cleaned(disk: ModelDisk, old: readonly FoundBatch[], from: number): Promise<Run> {
  const to = disk.operations.length
  const bases = (await namesIn(disk)).flatMap(name => /^(\d+)\.log$/.exec(name)?.[1] ?? [])
  const batches = await batchesIn(disk)
  const states = bases.map(base => [
    ...batches.filter(({ baseOffset }) => baseOffset < Number(base)),
    ...old.filter(({ baseOffset }) => baseOffset >= Number(base)),
  ])
  return { disk, from, to, states: states.map(shapeOf) }
}

const KEYS = 5

/** Segments that lie in the folder of a broker that starts after a crash. */
async function runOnFiles(): Promise<Run> {
  const disk = new ModelDisk(new DiskImage())
  await emptyLog(disk, options)
  let offset = 0
  const batch = (): TestBatch => ({
    type: 'records',
    records: [0, 1, 2].map(() => {
      const value = offset % 4 === 0 ? null : 'x'.repeat(20 + offset)
      return { key: `key-${offset++ % KEYS}`, value, timestamp: 900 }
    }),
  })
  const segments = Array.from({ length: 7 }, () => [batch(), batch()])
  await addSegments(disk, segments, 0)
  const world = quietWorld(disk)
  const broker = await openHarness(world, options)
  const old = await batchesIn(disk)
  const from = disk.operations.length
  await letCompact(world)
  expect(world.errors).toEqual([])
  const run = await cleaned(disk, old, from)
  await broker.directory.abandon()
  return run
}

/** Records that went through the journal, which holds them still when their segments are cleaned. */
async function runOnJournal(): Promise<Run> {
  const disk = new ModelDisk(new DiskImage())
  const world = quietWorld(disk)
  const broker = await openHarness(world, options)
  for (let index = 0; index < 24; index++) {
    append(broker.partition(), { values: [`${index}`, 'y'.repeat(40 + index)] })
    await broker.flush()
  }
  const old = await batchesIn(disk)
  const from = disk.operations.length
  await letCompact(world)
  expect(world.errors).toEqual([])
  const run = await cleaned(disk, old, from)
  await broker.flusher.abandon()
  await broker.directory.abandon()
  return run
}

/** Starts on what a crash left, and says what the log looks like then. */
async function recovered(disk: ModelDisk): Promise<string> {
  const world = quietWorld(disk)
  const broker = await openHarness(world, withoutCleaning)
  expect(world.errors).toEqual([])
  expect(broker.partition().isOffline).toBe(false)
  const names = await namesIn(disk)
  expect(names.filter(name => /\.(cleaned|swap|deleted|torn)$/.test(name))).toEqual([])
  const shape = shapeOf(await batchesIn(disk))
  await broker.close()
  return shape
}

describe.each([
  ['of files', runOnFiles],
  ['of what the journal holds', runOnJournal],
] as const)('a cleaning %s', (_name, start) => {
  it('changes something, or the other tests would show nothing', async () => {
    const { states } = await start()
    expect(new Set(states).size).toBeGreaterThan(2)
  })

  it.each(fates)('leaves old or new segments wherever it is crashed, when %s', async (_, fate) => {
    const { disk, from, to, states } = await start()
    for (let count = from; count <= to; count++) {
      const after = new ModelDisk(disk.imageAfter(count, fate))
      const shape = await recovered(after)
      expect(states, `after ${count} operations: ${shape}`).toContain(shape)
    }
  })

  it('comes to the same when the recovery is crashed, too', async () => {
    const { disk, from, to, states } = await start()
    for (let count = from; count <= to; count += 3) {
      const first = new ModelDisk(disk.imageAfter(count, () => 'kept'))
      const shape = await recovered(first)
      const { operations } = first
      for (let again = 0; again < Math.min(operations.length, 40); again += 2) {
        const second = new ModelDisk(first.imageAfter(again, anythingSurvives(again)))
        expect(states).toContain(await recovered(second))
      }
      expect(states).toContain(shape)
    }
  })

  it('can be done again after any crash, and comes to the same records', async () => {
    const { disk, from, to, states } = await start()
    for (let count = from; count <= to; count += 4) {
      const after = new ModelDisk(disk.imageAfter(count, () => 'kept'))
      const world = quietWorld(after)
      const broker = await openHarness(world, options)
      for (let look = 0; look < 3; look++) await letCompact(world)
      expect(world.errors).toEqual([])
      const offsets = (await batchesIn(after)).flatMap(({ records }) => records.map(r => r.offset))
      const wanted = (states.at(-1) as string).length > 0
      expect(wanted && offsets.length > 0).toBe(true)
      append(broker.partition(), { values: ['goes on'] })
      await broker.flush()
      await broker.close()
    }
  })
})

describe('a cleaning on a disk that fails', () => {
  it('leaves the log as it was when there is no room', async () => {
    const disk = new ModelDisk(new DiskImage())
    await emptyLog(disk, options)
    const segments = Array.from({ length: 6 }, (_, index): TestBatch[] => [
      { type: 'records', records: [{ key: 'a', value: `${index}`, timestamp: 900 }] },
    ])
    await addSegments(disk, segments, 0)
    const world = quietWorld(disk)
    const broker = await openHarness(world, options)
    const before = shapeOf(await batchesIn(disk))
    disk.fault = (call, path) =>
      call === 'write' && path.endsWith('.cleaned') ? 'ENOSPC' : undefined
    await letCompact(world)
    expect(shapeOf(await batchesIn(disk))).toBe(before)
    expect((await namesIn(disk)).filter(name => name.includes('.cleaned'))).toEqual([])
    expect(broker.partition().isOffline).toBe(false)
    disk.fault = () => undefined
    await letCompact(world)
    expect(shapeOf(await batchesIn(disk))).not.toBe(before)
    await broker.close()
  })

  it('takes the partition offline when nobody knows which names are on the disk', async () => {
    const disk = new ModelDisk(new DiskImage())
    await emptyLog(disk, options)
    const segments = Array.from({ length: 6 }, (_, index): TestBatch[] => [
      { type: 'records', records: [{ key: 'a', value: `${index}`, timestamp: 900 }] },
    ])
    await addSegments(disk, segments, 0)
    const world = quietWorld(disk)
    const broker = await openHarness(world, options)
    const renames = () => disk.operations.filter(({ type }) => type === 'rename').length
    const before = renames()
    // The sync of the folder after the third rename, which decides.
    disk.fault = (call, path) =>
      call === 'open' && path === FOLDER && renames() - before >= 4 ? 'EIO' : undefined
    await letCompact(world)
    expect(broker.partition().isOffline).toBe(true)
    expect(broker.partition().append(batchOf({ values: ['x'] }), { now: 1000 })).toMatchObject({
      error: 'KAFKA_STORAGE_ERROR',
    })
    await broker.directory.abandon()
    disk.fault = () => undefined
    await recovered(new ModelDisk(disk.imageAfter(disk.operations.length, () => 'kept')))
  })
})
