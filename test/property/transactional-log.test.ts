import { BatchBuilder } from '@varve/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TransactionIndex } from '../../packages/broker/src/log/transaction-index.ts'
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'
import { DiskImage } from '../support/disk-image.ts'
import { quietWorld } from '../support/journal-world.ts'
import { type HarnessOptions, openHarness } from '../support/log-harness.ts'
import { type DiskOperation, ModelDisk, type Survival } from '../support/model-disk.ts'
import {
  committedOffsets,
  type Entry,
  fold,
  readCommitted,
  stableOffset,
} from '../support/transactional-log.ts'

const options: HarnessOptions = {
  settings: { segmentBytes: 700, indexIntervalBytes: 200 },
  limits: { tailCacheBytes: 600 },
  unsyncedBytes: 1500,
}

const producer = fc.integer({ min: 1, max: 4 })
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('data' as const),
      producer,
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('plain' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('end' as const),
      producer,
      result: fc.constantFrom('commit' as const, 'abort' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('late' as const), producer }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('marker again' as const), producer }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('flush' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('power loss' as const), seed: fc.nat() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('clean stop' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Half of the producers know nothing of transactions v2: their markers carry the epoch of the transaction. */
const isV2 = (producerId: number) => producerId % 2 === 0

/** One log, what went into it, and what became of it. */
class Walk {
  entries: Entry[] = []
  #disk = new ModelDisk(new DiskImage())
  #broker!: Awaited<ReturnType<typeof openHarness>>

  async open(): Promise<void> {
    this.#broker = await openHarness(quietWorld(this.#disk), options)
  }

  get partition() {
    return this.#broker.partition()
  }

  async take(step: Step): Promise<void> {
    switch (step.type) {
      case 'data':
        return this.#data(step.producer, step.count)
      case 'plain':
        return this.#append({ producerId: -1, producerEpoch: -1, baseSequence: -1 }, 1, 'plain')
      case 'end':
        return this.#end(step.producer, step.result)
      case 'late':
        return this.#late(step.producer)
      case 'marker again':
        return this.#markerAgain(step.producer)
      case 'flush':
        return this.#broker.flush()
      case 'power loss':
        return this.#losePower(step.seed)
      case 'clean stop':
        await this.#broker.flush()
        await this.#broker.close()
        return this.open()
    }
  }

  #data(producerId: number, count: number): void {
    const known = fold(this.entries).producers.get(producerId)
    const producer = {
      producerId,
      producerEpoch: known?.epoch ?? 0,
      baseSequence: known?.nextSequence ?? 0,
    }
    this.#append(producer, count, 'data')
  }

  #append(
    producer: Pick<Entry, 'producerId' | 'producerEpoch' | 'baseSequence'>,
    count: number,
    kind: 'plain' | 'data',
  ): void {
    const records = batchOf(producer, count, kind)
    const mode = isV2(producer.producerId) ? 'add' : 'verify'
    const verification = this.partition.beginVerification(records, mode)
    const isOpen = (fold(this.entries).producers.get(producer.producerId)?.firstOffset ?? -1) >= 0
    // T7: a batch that begins a transaction does not come in without having been verified.
    expect(verification !== undefined).toBe(kind === 'data' && !isOpen)
    if (verification !== undefined)
      expect(this.partition.append(records, { now: 1_000 })).toMatchObject({
        error: 'INVALID_TXN_STATE',
      })
    const appended = this.partition.append(records, { now: 1_000, verification })
    if ('error' in appended) throw new Error(`${appended.error}: ${appended.message}`)
    const { baseOffset, lastOffset } = appended
    this.entries.push({ ...producer, baseOffset, lastOffset, kind })
  }

  #end(producerId: number, result: 'commit' | 'abort'): void {
    const known = fold(this.entries).producers.get(producerId)
    if (known === undefined || known.firstOffset < 0) return
    const producerEpoch = known.epoch + (isV2(producerId) ? 1 : 0)
    const appended = this.partition.appendMarker(
      {
        producerId,
        producerEpoch,
        coordinatorEpoch: 3,
        result,
        transactionVersion: isV2(producerId) ? 2 : 0,
      },
      1_000,
    )
    if ('error' in appended) throw new Error(`${appended.error}: ${appended.message}`)
    expect(appended.outcome).toBe('appended')
    const { baseOffset, lastOffset } = appended
    const marker = { producerId, producerEpoch, baseSequence: -1, kind: result }
    this.entries.push({ ...marker, baseOffset, lastOffset })
  }

  /** T6: with v2 nothing of a transaction comes in after its marker. */
  #late(producerId: number): void {
    const known = fold(this.entries).producers.get(producerId)
    if (known === undefined || known.epoch === 0) return
    const producer = { producerId, producerEpoch: known.epoch - 1, baseSequence: 77 }
    const appended = this.partition.append(batchOf(producer, 1, 'data'), {
      now: 1_000,
      verification: 'off',
    })
    expect(appended).toMatchObject({ error: 'INVALID_PRODUCER_EPOCH' })
  }

  /** KIP-890: a marker that comes again, when the next transaction has begun, ends nothing. */
  #markerAgain(producerId: number): void {
    const known = fold(this.entries).producers.get(producerId)
    if (known === undefined || !isV2(producerId) || known.epoch === 0) return
    const marker = { producerId, producerEpoch: known.epoch, coordinatorEpoch: 3 } as const
    const again = { ...marker, result: 'abort', transactionVersion: 2 } as const
    const end = this.partition.logEndOffset
    const appended = this.partition.appendMarker(again, 1_000)
    expect(appended).toMatchObject(
      known.firstOffset >= 0 ? { error: 'INVALID_PRODUCER_EPOCH' } : { outcome: 'duplicate' },
    )
    expect(this.partition.logEndOffset).toBe(end)
  }

  async #losePower(seed: number): Promise<void> {
    const acknowledged = this.partition.highWatermark
    const random = memoryRandom(seed)
    const survives = (operation: DiskOperation): Survival => {
      const choice = random.below(3)
      if (choice === 0) return 'kept'
      if (choice === 1 || operation.type !== 'write') return 'lost'
      return { firstBytes: random.below(operation.bytes.length + 1) }
    }
    this.#disk = new ModelDisk(this.#disk.imageAfter(this.#disk.operations.length, survives))
    await this.open()
    const end = this.partition.logEndOffset
    expect(end).toBeGreaterThanOrEqual(acknowledged)
    this.entries = this.entries.filter(({ baseOffset }) => baseOffset < end)
  }

  async check(random: number): Promise<void> {
    const { partition, entries } = this
    const { producers } = fold(entries)
    const found = [...partition.activeProducers()]
    expect(
      new Map(
        found.map(entry => [
          entry.producerId,
          [
            entry.producerEpoch,
            (entry.batches.at(-1)?.lastSequence ?? -1) + 1,
            entry.transactionFirstOffset,
          ],
        ]),
      ),
    ).toEqual(
      new Map(
        [...producers].map(([id, { epoch, nextSequence, firstOffset }]) => [
          id,
          [epoch, nextSequence, firstOffset],
        ]),
      ),
    )
    const endOffset = stableOffset(entries, partition.highWatermark)
    expect(partition.lastStableOffset).toBe(endOffset)
    const offset = endOffset === 0 ? 0 : random % endOffset
    expect(await readCommitted(partition, offset, 150)).toEqual(
      committedOffsets(entries, { offset, endOffset }),
    )
  }

  /** Everybody ends what is open: then nothing holds readers up. */
  async finish(): Promise<void> {
    for (const producerId of [1, 2, 3, 4]) this.#end(producerId, 'abort')
    await this.#broker.flush()
    await this.check(0)
    expect(this.partition.lastStableOffset).toBe(this.partition.logEndOffset)
    await this.#broker.close()
    await this.#checkFiles()
  }

  /** The files beside the segments say of aborted transactions what Kafka's would. */
  async #checkFiles(): Promise<void> {
    const found: unknown[] = []
    for (const { name } of (await this.#disk.list('/data/events-0')) ?? []) {
      if (!name.endsWith('.txnindex')) continue
      const index = new TransactionIndex(Number(name.slice(0, 20)))
      const content = await this.#disk.readFile(`/data/events-0/${name}`)
      expect(index.load(content as Buffer)).toBeUndefined()
      found.push(...index.entries())
    }
    const aborted = fold(this.entries).ended.filter(({ result }) => result === 'abort')
    expect(found).toEqual(
      aborted.map(({ producerId, firstOffset, markerOffset, lastStableOffset }) => ({
        ...{ producerId, firstOffset, lastOffset: markerOffset, lastStableOffset },
      })),
    )
  }
}

function batchOf(
  producer: Pick<Entry, 'producerId' | 'producerEpoch' | 'baseSequence'>,
  count: number,
  kind: 'plain' | 'data',
): Buffer {
  const builder = new BatchBuilder()
  for (let index = 0; index < count; index++)
    builder.append({ key: 'key', value: 'x'.repeat(20), timestamp: 1_000 })
  return builder.build({ ...producer, isTransactional: kind === 'data' })
}

describe('a log with transactions', () => {
  it('shows no aborted record and nothing undecided, and is never stuck, whatever happens (T2, T3, T4)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(step, fc.nat()), { maxLength: 60 }), async steps => {
        const walk = new Walk()
        await walk.open()
        for (const [step, random] of steps) {
          await walk.take(step)
          await walk.check(random)
        }
        await walk.finish()
      }),
      { numRuns: 150 },
    )
  }, 120_000)
})
