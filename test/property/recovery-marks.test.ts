/** What a start after a crash knows of a log when it goes on from a recovery mark is what it knows when it looks through the whole segment. */
import { BatchBuilder, crc32c } from '@varve/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PartitionLog } from '../../packages/broker/src/log/partition-log.ts'
import {
  decodeRecoveryMark,
  RECOVERY_MARK_FILE,
  type RecoveryMark,
} from '../../packages/broker/src/log/recovery-mark.ts'
import { segmentFileName } from '../../packages/broker/src/log/segment-files.ts'
import type { Partition } from '../../packages/broker/src/replication/partition.ts'
import { DiskImage } from '../support/disk-image.ts'
import { quietWorld } from '../support/journal-world.ts'
import { append, openHarness } from '../support/log-harness.ts'
import { FOLDER } from '../support/log-parts.ts'
import { ModelDisk } from '../support/model-disk.ts'

const MARK = `${FOLDER}/${RECOVERY_MARK_FILE}`

type Step =
  | { readonly type: 'append'; readonly bytes: number; readonly timestamp: number }
  | { readonly type: 'transaction'; readonly producerId: number; readonly bytes: number }
  | {
      readonly type: 'end'
      readonly producerId: number
      readonly result: 'commit' | 'abort'
    }
  | { readonly type: 'flush' }
  | { readonly type: 'checkpoints' }

const producerId = fc.integer({ min: 1, max: 3 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constant('append' as const),
    bytes: fc.integer({ min: 1, max: 3_000 }),
    timestamp: fc.integer({ min: 0, max: 9_000 }),
  }),
  fc.record({
    type: fc.constant('transaction' as const),
    producerId,
    bytes: fc.integer({ min: 1, max: 3_000 }),
  }),
  fc.record({
    type: fc.constant('end' as const),
    producerId,
    result: fc.constantFrom('commit' as const, 'abort' as const),
  }),
  fc.record({ type: fc.constant('flush' as const) }),
  fc.record({ type: fc.constant('checkpoints' as const) }),
)

const options = {
  settings: { segmentBytes: 30_000, indexIntervalBytes: 4_096 },
  limits: { recoveryMarkBytes: 1_500 },
  unsyncedBytes: 1,
}

class Writer {
  readonly #sequences = new Map<number, number>()
  readonly #partition: Partition

  constructor(partition: Partition) {
    this.#partition = partition
  }

  write(step: Step): void {
    if (step.type === 'append') {
      append(this.#partition, { values: ['x'.repeat(step.bytes)], timestamp: step.timestamp })
    } else if (step.type === 'transaction') {
      const { producerId, bytes } = step
      const baseSequence = this.#sequences.get(producerId) ?? 0
      this.#sequences.set(producerId, baseSequence + 1)
      const builder = new BatchBuilder()
      builder.append({ key: 'k', value: 'x'.repeat(bytes), timestamp: 5_000 })
      const who = { producerId, producerEpoch: 0, baseSequence, isTransactional: true }
      this.#partition.append(builder.build(who), { now: 1_000, verification: 'off' })
    } else if (step.type === 'end') {
      const { producerId, result } = step
      if (!this.#sequences.has(producerId)) return
      this.#partition.appendMarker(
        { producerId, producerEpoch: 0, coordinatorEpoch: 1, result, transactionVersion: 0 },
        1_000,
      )
    }
  }
}

/** All that a start finds out by looking at batches. */
function knownOf(log: PartitionLog) {
  const { active } = log.segments
  return {
    ends: [log.logStartOffset, log.logEndOffset, log.ackableEnd],
    segments: log.segments.all.map(({ baseOffset, sizeBytes }) => [baseOffset, sizeBytes]),
    offsets: active.indexes?.offsets.file.content.toString('hex'),
    times: active.indexes?.times.file.content.toString('hex'),
    aborted: active.transactions.index?.entries(),
    mark: active.mark(),
    producers: [...log.producers.entries()].toSorted((a, b) => a.producerId - b.producerId),
    epochs: log.leaderEpochs.starts,
  }
}

/** Starts on a copy of this disk, in which `change` was made. */
async function startedOn(disk: ModelDisk, change: (copy: ModelDisk) => Promise<void>) {
  const copy = new ModelDisk(disk.imageAfter(disk.operations.length, () => 'kept'))
  await change(copy)
  const { log } = (await openHarness(quietWorld(copy), options)).partition()
  if (log === undefined) throw new Error('The log is offline.')
  return knownOf(log)
}

/** Of the first batch of the segment, unless the mark is held against that batch. Says whether it was done. */
async function spoilBefore(mark: RecoveryMark, disk: ModelDisk): Promise<boolean> {
  const { baseOffset, offsets } = mark.segment
  if (offsets.lastPosition === 0) return false
  const file = await disk.open(`${FOLDER}/${segmentFileName(baseOffset, 'log')}`, 'existing')
  await file.write(60, [Buffer.of(0xff, 0xff)])
  await file.close()
  return true
}

describe('a recovery mark', () => {
  it('spares a start the look at what lies before it, and changes nothing else', async () => {
    let spared = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 40 }), async steps => {
        const disk = new ModelDisk(new DiskImage())
        const world = quietWorld(disk)
        const broker = await openHarness(world, options)
        const writer = new Writer(broker.partition())
        for (const each of steps) {
          writer.write(each)
          if (each.type === 'checkpoints') world.clock.advance(60_000)
          if (each.type === 'flush' || each.type === 'checkpoints') await broker.flush()
        }
        await broker.flush()
        const content = await disk.readFile(MARK)
        const mark = content && decodeRecoveryMark(content, crc32c)
        if (mark === undefined) return
        const marked = await startedOn(disk, async copy => {
          if (await spoilBefore(mark, copy)) spared += 1
        })
        expect(marked).toEqual(await startedOn(disk, copy => copy.remove(MARK)))
      }),
      { numRuns: 200 },
    )
    expect(spared).toBeGreaterThan(20)
  })
})
