/** C7: what a coordinator reads from a compacted log is what it would have read from the whole one. */
import { BatchBuilder, batchesOf, crc32c, recordsOf } from '@varve/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { StoredRecord } from '../../packages/broker/src/coordinator/runtime/shard-logic.ts'
import { segmentFileName } from '../../packages/broker/src/log/segment-files.ts'
import { compacted, emptyLog, letCompact, unclean } from '../support/compaction-log.ts'
import { DiskImage } from '../support/disk-image.ts'
import { quietWorld } from '../support/journal-world.ts'
import { type HarnessOptions, openHarness } from '../support/log-harness.ts'
import { FOLDER } from '../support/log-parts.ts'
import { type MixedStep, MixedWalk } from '../support/mixed-walk.ts'
import { ModelDisk } from '../support/model-disk.ts'

const options: HarnessOptions = { settings: { ...compacted, segmentBytes: 3000 } }
const HOUR_MS = 3_600_000

const client = fc.nat(3)
const step: fc.Arbitrary<MixedStep> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ type: fc.constant('act' as const), client }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constantFrom('leave' as const, 'crash' as const), client }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('advance' as const),
      ms: fc.constantFrom(1, 5_000, 60_000),
    }),
  },
)

async function write(disk: ModelDisk, records: readonly StoredRecord[], segmentOf: number) {
  for (let base = 0; base < records.length; base += segmentOf) {
    const file = await disk.open(`${FOLDER}/${segmentFileName(base, 'log')}`, 'truncate')
    for (let at = base; at < Math.min(base + segmentOf, records.length); at += 3) {
      const builder = new BatchBuilder()
      for (const record of records.slice(at, Math.min(at + 3, base + segmentOf)))
        builder.append({ ...record, timestamp: 900 })
      file.appendNow([builder.build({ baseOffset: at, partitionLeaderEpoch: 0, crc32c })])
    }
    await file.sync()
    await file.close()
  }
  await disk.syncDirectory(FOLDER)
}

async function read(disk: ModelDisk): Promise<StoredRecord[]> {
  const files = ((await disk.list(FOLDER)) ?? []).filter(({ name }) => name.endsWith('.log'))
  const found: StoredRecord[] = []
  for (const { name } of files) {
    for (const batch of batchesOf((await disk.readFile(`${FOLDER}/${name}`)) as Buffer))
      for (const { key, value } of recordsOf(batch)) if (key !== null) found.push({ key, value })
  }
  return found
}

async function clean(disk: ModelDisk, nowMs: number): Promise<void> {
  const world = quietWorld(disk)
  world.clock.advance(nowMs)
  const broker = await openHarness(world, options)
  await letCompact(world)
  expect(world.errors).toEqual([])
  await broker.close()
}

/** The state without what ends with the process and is made anew. */
function hardPart(value: unknown): unknown {
  if (value instanceof Map)
    return new Map([...value].map(([key, entry]) => [key, hardPart(entry)] as const))
  if (Array.isArray(value)) return value.map(hardPart)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (value instanceof Set) return value
  const entries = Object.entries(value).filter(([name]) => name !== 'soft')
  return Object.fromEntries(entries.map(([name, entry]) => [name, hardPart(entry)]))
}

it('gives the same groups before and after', async () => {
  let removed = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('new' as const, 'old' as const), { minLength: 4, maxLength: 4 }),
      fc.array(step, { minLength: 10, maxLength: 60 }),
      fc.integer({ min: 3, max: 9 }),
      async (protocols, steps, segmentOf) => {
        const walk = new MixedWalk(protocols)
        for (const one of steps) walk.take(one)
        const { records } = walk.shard
        const disk = new ModelDisk(new DiskImage())
        await emptyLog(disk, options)
        await write(disk, records, segmentOf)
        const whole = hardPart(walk.shard.reloaded(records))
        await clean(disk, 0)
        const once = await read(disk)
        expect(hardPart(walk.shard.reloaded(once))).toEqual(whole)
        await unclean(disk)
        await disk.writeFileAtomically('/data/cleaner-offset-checkpoint', Buffer.from('0\n0\n'))
        await clean(disk, HOUR_MS)
        const twice = await read(disk)
        expect(hardPart(walk.shard.reloaded(twice))).toEqual(whole)
        removed += records.length - twice.length
      },
    ),
    { numRuns: 60 },
  )
  expect(removed).toBeGreaterThan(0)
}, 60_000)
