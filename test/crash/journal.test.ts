import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JournalFileLimits } from '../../packages/broker/src/log/journal/journal-files.ts'
import { openJournal } from '../../packages/broker/src/log/journal/recover.ts'
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'
import { DiskImage } from '../support/disk-image.ts'
import { JournalWorkload } from '../support/journal-workload.ts'
import { quietWorld } from '../support/journal-world.ts'
import { type DiskOperation, ModelDisk, type Survival } from '../support/model-disk.ts'

/** Files that grow, and two that are so small that each group is near an end and an entry may need both. */
const limits = {
  growing: { firstFileBytes: 24 * 1024, fileBytes: 64 * 1024, fileCountMax: 3, spareBytes: 0 },
  tiny: { firstFileBytes: 16 * 1024, fileBytes: 16 * 1024, fileCountMax: 2, spareBytes: 0 },
} as const

type Survives = (operation: DiskOperation, index: number) => Survival

const nothingSurvives: Survives = () => 'lost'
const everythingSurvives: Survives = () => 'kept'

/** What was not synced fares differently each time, and each time it is asked the same for the same seed. */
const anythingSurvives = (seed: number): Survives => {
  const random = memoryRandom(seed)
  return operation => {
    const choice = random.below(3)
    if (choice === 0) return 'kept'
    if (choice === 1 || operation.type !== 'write') return 'lost'
    return { firstBytes: random.below(operation.bytes.length + 1) }
  }
}

interface RunOptions {
  readonly limits: JournalFileLimits
  readonly steps: number
  readonly sizeMax: number
}

const runWorkload = async (seed: number, options: RunOptions) => {
  const disk = new ModelDisk(new DiskImage())
  await disk.makeDirectory('/data')
  await disk.syncDirectory('/')
  const world = quietWorld(disk)
  const opened = await openJournal(world, '/data', options.limits)
  const journal = await opened.start()
  const startedAt = disk.operations.length
  const workload = new JournalWorkload(disk, { random: memoryRandom(seed), logCount: 3 })
  await workload.run(journal, options)
  return { disk, workload, startedAt }
}

const recover = async (image: DiskImage) => {
  const disk = new ModelDisk(image)
  const opened = await openJournal(quietWorld(disk), '/data', limits.growing)
  return { disk, opened, recovered: opened.recovered }
}

const describeRecovered = async (image: DiskImage) => {
  const { recovered } = await recover(image)
  const logs = []
  for (const log of recovered.logs) {
    const bytes = []
    for (const entry of log.entries)
      if (entry.type === 'bytes') bytes.push(hashOf(await entry.read()))
    logs.push({ ...log, entries: log.entries.map(({ baseOffset }) => baseOffset), bytes })
  }
  return logs
}

describe('a journal after a crash', () => {
  it.each([
    { files: 'growing files', options: { limits: limits.growing, steps: 40, sizeMax: 3_000 } },
    { files: 'tiny files', options: { limits: limits.tiny, steps: 40, sizeMax: 20_000 } },
  ])('gives back every acknowledged entry at any operation, with $files', async ({ options }) => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 }), async seed => {
        const { disk, workload, startedAt } = await runWorkload(seed, options)
        for (let count = startedAt; count <= disk.operations.length; count += 1) {
          for (const survives of [
            nothingSurvives,
            everythingSurvives,
            anythingSurvives(seed + count),
          ]) {
            const { recovered } = await recover(disk.imageAfter(count, survives))
            expect(await workload.faultsOf(recovered, count)).toEqual([])
          }
        }
      }),
      { numRuns: 8 },
    )
  })

  it('gives back every acknowledged entry when the last write was cut at any byte', async () => {
    const { disk, workload, startedAt } = await runWorkload(11, {
      limits: limits.growing,
      steps: 14,
      sizeMax: 700,
    })
    for (let count = startedAt + 1; count <= disk.operations.length; count += 1) {
      const last = disk.operations[count - 1]
      if (last?.type !== 'write') continue
      const lengths = tornLengths(last.bytes)
      for (const firstBytes of lengths) {
        const survives: Survives = (_, index) => (index === count - 1 ? { firstBytes } : 'kept')
        const { recovered } = await recover(disk.imageAfter(count, survives))
        expect(await workload.faultsOf(recovered, count)).toEqual([])
      }
    }
  })

  it('finds the same when it is opened again, and when the machine stops anywhere in the first recovery', async () => {
    const { disk } = await runWorkload(5, { limits: limits.growing, steps: 60, sizeMax: 4_000 })
    const image = disk.imageAfter(disk.operations.length, anythingSurvives(3))
    const first = await describeRecovered(image)
    expect(first.some(log => log.entries.length > 0)).toBe(true)
    const second = await recover(image)
    const opened = second.disk.operations.length
    await second.opened.start()
    for (let count = opened; count < second.disk.operations.length; count += 1) {
      for (const survives of [nothingSurvives, everythingSurvives]) {
        const again = await describeRecovered(second.disk.imageAfter(count, survives))
        if (isOldJournalWhole(second.disk, count)) expect(again).toEqual(first)
      }
    }
    expect(await describeRecovered(second.disk.imageAfter(Infinity, nothingSurvives))).toEqual([])
  })
})

const hashOf = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex')

/** Every length for a short write; for a long one those around its start, its end and its blocks. */
const tornLengths = (bytes: Buffer): number[] => {
  const lengths: number[] = []
  for (let length = 0; length <= bytes.length; length += 1) {
    const isNearBlock = length % 4096 < 80 || length % 4096 > 4090
    if (isNearBlock || length % 61 === 0) lengths.push(length)
  }
  return lengths
}

/** Until the first old file is removed, nothing of what was recovered may be missing. */
const isOldJournalWhole = (disk: ModelDisk, count: number): boolean =>
  !disk.operations.slice(0, count).some(operation => operation.type === 'unlink')
