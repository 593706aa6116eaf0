import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'
import { DiskImage } from '../support/disk-image.ts'
import { quietWorld } from '../support/journal-world.ts'
import { append, type HarnessOptions, openHarness } from '../support/log-harness.ts'
import { type DiskOperation, ModelDisk, type Survival } from '../support/model-disk.ts'
import { readValues } from '../support/read-log.ts'

type Survives = (operation: DiskOperation, index: number) => Survival

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

interface Sent {
  readonly partition: number
  readonly baseOffset: number
  readonly values: readonly string[]
  readonly producer: { readonly id: number; readonly sequence: number } | undefined
  /** The count of disk operations at which it was acknowledged. */
  acknowledgedAt: number
}

const options: HarnessOptions = {
  partitions: 2,
  settings: { segmentBytes: 1500, indexIntervalBytes: 200 },
  limits: { journalInlineBytesMax: 600, tailCacheBytes: 4000 },
  unsyncedBytes: 2500,
}

/** Appends batches of all sizes to two partitions, some of them by idempotent producers, and remembers what was promised when. */
async function runWorkload(seed: number, steps: number) {
  const disk = new ModelDisk(new DiskImage())
  const world = quietWorld(disk)
  const broker = await openHarness(world, options)
  const startedAt = disk.operations.length
  const random = memoryRandom(seed)
  const sent: Sent[] = []
  const sequences = new Map<string, number>()
  const starts: { partition: number; offset: number; at: number }[] = []
  for (let step = 0; step < steps; step++) {
    const index = random.below(2)
    const partition = broker.partition(index)
    const values = Array.from(
      { length: 1 + random.below(3) },
      (_, value) => `${step}-${value}-${'x'.repeat(random.below(2) * random.below(400))}`,
    )
    const key = `${index}:${random.below(3)}`
    const producerId = Number(key.slice(2))
    const isIdempotent = producerId > 0
    const sequence = sequences.get(key) ?? 0
    const producer = isIdempotent ? { id: producerId, sequence } : undefined
    const { baseOffset, lastOffset } = append(
      partition,
      isIdempotent ? { values, producerId, baseSequence: sequence } : { values },
    )
    if (isIdempotent) sequences.set(key, sequence + values.length)
    const record: Sent = {
      partition: index,
      baseOffset,
      values,
      producer,
      acknowledgedAt: Number.POSITIVE_INFINITY,
    }
    sent.push(record)
    partition.whenCommitted(lastOffset + 1, error => {
      if (error === 'NONE') record.acknowledgedAt = disk.operations.length
    })
    if (random.below(3) > 0) await broker.flush()
    if (random.below(12) === 0 && partition.highWatermark > partition.logStartOffset) {
      const offset =
        partition.logStartOffset +
        1 +
        random.below(partition.highWatermark - partition.logStartOffset)
      await partition.deleteRecordsBefore(offset)
      await partition.log?.retain(world.clock.now(), partition.highWatermark)
      starts.push({ partition: index, offset, at: disk.operations.length })
    }
  }
  await broker.flush()
  return { disk, sent, starts, startedAt }
}

async function recover(image: DiskImage) {
  const disk = new ModelDisk(image)
  const world = quietWorld(disk)
  const broker = await openHarness(world, { ...options, leaderEpoch: 1 })
  const logs = []
  for (const index of [0, 1]) {
    const partition = broker.partition(index)
    expect(partition.isOffline, `partition ${index}: ${world.errors.join(' ')}`).toBe(false)
    logs.push({
      start: partition.logStartOffset,
      end: partition.logEndOffset,
      values: await readValues(partition),
    })
  }
  return { broker, disk, logs, world }
}

describe('a log after a loss of power', () => {
  it('holds every acknowledged record at its offset, whichever operation was the last', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 }), async seed => {
        const { disk, sent, starts, startedAt } = await runWorkload(seed, 20)
        for (let count = startedAt; count <= disk.operations.length; count++) {
          for (const survives of [
            (): Survival => 'lost',
            (): Survival => 'kept',
            anythingSurvives(seed + count),
          ]) {
            const { logs, broker } = await recover(disk.imageAfter(count, survives))
            for (const [index, log] of logs.entries()) {
              const offsets = log.values.map(({ offset }) => offset)
              expect(offsets).toEqual(
                Array.from({ length: log.end - log.start }, (_, place) => log.start + place),
              )
              for (const { offset, at } of starts.filter(start => start.partition === index)) {
                if (at <= count) expect(log.start).toBeGreaterThanOrEqual(offset)
              }
            }
            for (const { partition, baseOffset, values, acknowledgedAt, producer } of sent) {
              if (acknowledgedAt > count) continue
              const log = logs[partition]
              for (const [place, value] of values.entries()) {
                if (baseOffset + place < (log?.start ?? 0)) continue
                const found = log?.values.find(({ offset }) => offset === baseOffset + place)
                expect(found?.value, `seed ${seed}, operation ${count}`).toBe(value)
              }
              const newer = sent.filter(
                other =>
                  other.partition === partition &&
                  other.producer?.id === producer?.id &&
                  other.baseOffset > baseOffset,
              )
              if (producer === undefined || newer.length >= 4) continue
              const again = append(broker.partition(partition), {
                values,
                producerId: producer.id,
                baseSequence: producer.sequence,
              })
              expect(again).toMatchObject({ outcome: 'duplicate', baseOffset })
            }
          }
        }
      }),
      {
        numRuns: Number(process.env['RUNS'] ?? 2),
        endOnFailure: true,
        ...(process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) }),
      },
    )
  }, 300_000)

  it('is recovered to the same content when the power goes again in the middle of the recovery', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 }), async seed => {
        const { disk, startedAt } = await runWorkload(seed, 15)
        const at = startedAt + memoryRandom(seed).below(disk.operations.length - startedAt)
        const image = disk.imageAfter(at, anythingSurvives(seed))
        const first = await recover(image)
        for (let count = 0; count <= first.disk.operations.length; count++) {
          const second = await recover(first.disk.imageAfter(count, anythingSurvives(seed + count)))
          expect(second.logs).toEqual(first.logs)
        }
      }),
      { numRuns: 6, endOnFailure: true },
    )
  }, 300_000)
})
