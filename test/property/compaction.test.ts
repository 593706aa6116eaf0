import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addSegments,
  batchesIn,
  compacted,
  emptyLog,
  type FoundBatch,
  letCompact,
  type TestBatch,
  type TestRecord,
  unclean,
} from '../support/compaction-log.ts'
import { DiskImage } from '../support/disk-image.ts'
import { quietWorld } from '../support/journal-world.ts'
import { type HarnessOptions, openHarness } from '../support/log-harness.ts'
import { ModelDisk } from '../support/model-disk.ts'

/** One step of somebody who writes a log. */
interface Step {
  readonly producer: 0 | 1 | 2 | 3
  readonly action: 'records' | 'COMMIT' | 'ABORT'
  readonly records: readonly { key: number; isTombstone: boolean; age: number }[]
  readonly compression: 'none' | 'gzip' | 'lz4' | 'zstd' | 'snappy'
  readonly rolls: boolean
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  // 0 has no producer id, 1 is idempotent, 2 and 3 are transactional.
  producer: fc.constantFrom(0, 1, 2, 3),
  action: fc.constantFrom('records', 'records', 'COMMIT', 'ABORT'),
  records: fc.array(fc.record({ key: fc.nat(4), isTombstone: fc.boolean(), age: fc.nat(50) }), {
    minLength: 1,
    maxLength: 4,
  }),
  compression: fc.constantFrom('none', 'none', 'gzip', 'lz4', 'zstd', 'snappy'),
  rolls: fc.boolean(),
})

/** What the log was given, whatever compaction did since. */
interface Written {
  readonly offset: number
  readonly record: TestRecord
  readonly producerId: number
  readonly transaction: Transaction | undefined
}

interface Transaction {
  readonly producerId: number
  firstOffset: number
  outcome: 'open' | 'COMMIT' | 'ABORT'
  markerOffset: number
}

class Model {
  readonly written: Written[] = []
  readonly transactions: Transaction[] = []
  readonly #open = new Map<number, Transaction>()
  readonly #sequences = new Map<number, number>()
  readonly lastBatchOf = new Map<number, number>()
  offset = 0
  #count = 0

  /** The batch of a step; nothing for a marker without a transaction. */
  batch(step: Step): TestBatch | undefined {
    const producerId = step.producer === 0 ? undefined : 100 + step.producer
    if (step.action !== 'records') {
      const transaction = producerId === undefined ? undefined : this.#open.get(producerId)
      if (transaction === undefined || producerId === undefined) return undefined
      transaction.outcome = step.action
      transaction.markerOffset = this.offset++
      this.#open.delete(producerId)
      return { type: step.action, producerId, timestamp: 950 }
    }
    const records = step.records.map(({ key, isTombstone, age }) => ({
      key: `key-${key}`,
      value: isTombstone ? null : `value-${this.#count++}`,
      timestamp: 900 - age,
    }))
    const isTransactional = step.producer >= 2
    const transaction = isTransactional ? this.#transactionOf(producerId as number) : undefined
    for (const record of records)
      this.written.push({
        offset: this.offset++,
        record,
        producerId: producerId ?? -1,
        transaction,
      })
    const { compression } = step
    if (producerId === undefined) return { type: 'records', records, compression }
    const baseSequence = this.#sequences.get(producerId) ?? 0
    this.#sequences.set(producerId, baseSequence + records.length)
    this.lastBatchOf.set(producerId, this.offset - 1)
    return { type: 'records', records, compression, producerId, baseSequence, isTransactional }
  }

  #transactionOf(producerId: number): Transaction {
    const known = this.#open.get(producerId)
    if (known !== undefined) return known
    const transaction: Transaction = {
      ...{ producerId, firstOffset: this.offset, outcome: 'open', markerOffset: -1 },
    }
    this.#open.set(producerId, transaction)
    this.transactions.push(transaction)
    return transaction
  }

  segments(steps: readonly Step[]): TestBatch[][] {
    const segments: TestBatch[][] = [[]]
    for (const step of steps) {
      const batch = this.batch(step)
      if (batch !== undefined) segments.at(-1)?.push(batch)
      if (step.rolls && segments.at(-1)?.length !== 0) segments.push([])
    }
    return segments.filter(batches => batches.length > 0)
  }

  /** Offsets of the records that are the newest of their key below `cleanedTo`; aborted ones do not count. */
  survivorsBelow(cleanedTo: number): Map<number, Written> {
    const newest = new Map<string | null, Written>()
    for (const written of this.written) {
      if (written.offset < cleanedTo && written.transaction?.outcome !== 'ABORT')
        newest.set(written.record.key, written)
    }
    return new Map([...newest.values()].map(written => [written.offset, written]))
  }
}

async function cleanedToOf(disk: ModelDisk): Promise<number> {
  const content = await disk.readFile('/data/cleaner-offset-checkpoint')
  return Number(/events 0 (\d+)/.exec(`${content}`)?.[1] ?? 0)
}

/** Opens the log, lets it be cleaned and closed, and returns how far it is clean. */
async function clean(disk: ModelDisk, nowMs: number, options: HarnessOptions): Promise<number> {
  const world = quietWorld(disk)
  world.clock.advance(nowMs)
  const broker = await openHarness(world, options)
  for (let look = 0; look < 3; look++) await letCompact(world)
  expect(world.errors).toEqual([])
  await broker.close()
  return cleanedToOf(disk)
}

interface Look {
  readonly cleanedTo: number
  readonly horizonsPassed: boolean
}

/** C1 to C5 on what lies in the files. */
function check(model: Model, batches: readonly FoundBatch[], look: Look): void {
  const found = new Map(
    batches.flatMap(({ records }) => records).map(record => [record.offset, record] as const),
  )
  const survivors = model.survivorsBelow(look.cleanedTo)
  for (const { offset, record, transaction } of model.written) {
    const stored = found.get(offset)
    const isDead = transaction?.outcome === 'ABORT'
    if (offset >= look.cleanedTo) {
      if (!isDead) expect(stored, `C1: ${offset} is not clean yet`).toBeDefined()
    } else if (!survivors.has(offset)) expect(stored, `C1: ${offset} was replaced`).toBeUndefined()
    else if (record.value !== null || !look.horizonsPassed)
      expect(stored, `C1, C2: ${offset} is the newest of its key`).toBeDefined()
    if (stored === undefined) continue
    expect(stored).toEqual({ ...record, offset, headers: `h=${record.key}` })
  }
  for (const transaction of model.transactions) {
    if (transaction.outcome === 'open') continue
    const hasBatch = batches.some(
      ({ producerId, marker, attributes, baseOffset, lastOffset }) =>
        producerId === transaction.producerId &&
        marker === undefined &&
        (attributes & 0x20) === 0 &&
        baseOffset >= transaction.firstOffset &&
        lastOffset < transaction.markerOffset,
    )
    const marker = batches.find(({ baseOffset }) => baseOffset === transaction.markerOffset)
    if (hasBatch) expect(marker?.marker, 'C3: the marker stays').toBe(transaction.outcome)
  }
  for (const [producerId, lastOffset] of model.lastBatchOf) {
    const last = batches.find(batch => batch.lastOffset === lastOffset)
    expect(last?.producerId, 'C5: the last batch of a producer stays').toBe(producerId)
  }
  for (let index = 1; index < batches.length; index++) {
    const before = batches[index - 1] as FoundBatch
    expect((batches[index] as FoundBatch).baseOffset, 'L1').toBeGreaterThan(before.lastOffset)
  }
}

/** C4: cleaning never passes the first open transaction. */
function checkBound(model: Model, cleanedTo: number): void {
  for (const { outcome, firstOffset } of model.transactions)
    if (outcome === 'open') expect(cleanedTo).toBeLessThanOrEqual(firstOffset)
}

const HOUR_MS = 3_600_000

describe('compaction', () => {
  it.each([
    ['a map with room for all keys', 1024 * 1024],
    ['a map that is full again and again', 24 * 3],
  ])(
    'keeps what C1 to C5 say, with %s',
    async (_name, mapBytesMax) => {
      const options: HarnessOptions = {
        settings: { ...compacted, segmentBytes: 1500 },
        limits: {
          compaction: {
            isEnabled: true,
            backoffMs: 15_000,
            mapBytesMax,
            mapLoadMax: 0.9,
            readBytes: 300,
            bytesPerSecondMax: Number.MAX_VALUE,
          },
        },
      }
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyStep, { maxLength: 40 }),
          fc.array(anyStep, { maxLength: 20 }),
          async (first, second) => {
            const disk = new ModelDisk(new DiskImage())
            await emptyLog(disk, options)
            const model = new Model()
            await addSegments(disk, model.segments(first), 0)
            let cleanedTo = await clean(disk, 0, options)
            checkBound(model, cleanedTo)
            check(model, await batchesIn(disk), { cleanedTo, horizonsPassed: false })
            await unclean(disk)
            await addSegments(disk, model.segments(second), (await endOf(disk)) ?? 0)
            cleanedTo = await clean(disk, HOUR_MS, options)
            checkBound(model, cleanedTo)
            check(model, await batchesIn(disk), { cleanedTo, horizonsPassed: true })
          },
        ),
        { numRuns: 150 },
      )
    },
    120_000,
  )
})

async function endOf(disk: ModelDisk): Promise<number | undefined> {
  const last = (await batchesIn(disk)).at(-1)
  return last === undefined ? undefined : last.lastOffset + 1
}
