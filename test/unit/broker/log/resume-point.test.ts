import { BatchBuilder } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { Partition } from '../../../../packages/broker/src/replication/partition.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import {
  append,
  type HarnessOptions,
  type LogHarness,
  openHarness,
} from '../../../support/log-harness.ts'
import { FOLDER } from '../../../support/log-parts.ts'
import { ModelDisk } from '../../../support/model-disk.ts'
import { readCommitted } from '../../../support/transactional-log.ts'

const options: HarnessOptions = {
  settings: { segmentBytes: 100_000, indexIntervalBytes: 500 },
  limits: { recoveryMarkBytes: 2_000 },
  unsyncedBytes: 1,
}
const SEGMENT = `${FOLDER}/00000000000000000000.log`
const producer = { producerId: 3, producerEpoch: 0 }

function appendInTransaction(partition: Partition, value: string, baseSequence: number): void {
  const builder = new BatchBuilder()
  builder.append({ key: 'k', value, timestamp: 5_000 })
  const records = builder.build({ ...producer, baseSequence, isTransactional: true })
  partition.append(records, { now: 1_000, verification: 'off' })
}

function abort(partition: Partition): void {
  const marker = { ...producer, coordinatorEpoch: 1, result: 'abort' } as const
  partition.appendMarker({ ...marker, transactionVersion: 0 }, 1_000)
}

/** Some five thousand bytes with aborted transactions between, synced as they come, and the recovery point written down. */
async function grown(disk: ModelDisk): Promise<LogHarness> {
  const world = quietWorld(disk)
  const broker = await openHarness(world, options)
  const partition = broker.partition()
  for (let round = 0; round < 5; round++) {
    for (let index = 0; index < 5; index++)
      append(partition, { values: [`${round}-${index}-${'x'.repeat(100)}`] })
    appendInTransaction(partition, 'aborted', round)
    abort(partition)
    await broker.flush()
  }
  world.clock.advance(60_000)
  await broker.flush()
  return broker
}

async function crashedAndOpened(disk: ModelDisk) {
  const after = new ModelDisk(new DiskImage(), disk)
  const world = quietWorld(after)
  const broker = await openHarness(world, options)
  return { after, world, broker, partition: broker.partition() }
}

const snapshotsIn = (disk: ModelDisk) =>
  disk.image
    .namesIn(FOLDER)
    .filter(name => name.endsWith('.snapshot'))
    .map(name => Number(name.slice(FOLDER.length + 1, -'.snapshot'.length)))

describe('a start after a crash', () => {
  it('knows all of a segment of which it scans what follows the newest mark', async () => {
    const disk = new ModelDisk(new DiskImage())
    const before = await grown(disk)
    const { logEndOffset, producers, segments } = before.partition().log ?? {}
    const known = JSON.stringify([...(producers?.entries() ?? [])])
    const indexes = segments?.active.indexes
    expect(snapshotsIn(disk)).toHaveLength(1)

    const { partition } = await crashedAndOpened(disk)
    expect(partition.logEndOffset).toBe(logEndOffset)
    expect(JSON.stringify([...(partition.log?.producers.entries() ?? [])])).toBe(known)
    const after = partition.log?.segments.active
    // Beyond the mark an index is built again with Kafka's default interval.
    for (const kind of ['offsets', 'times'] as const) {
      const entries = [...(after?.indexes?.[kind].entries() ?? [])]
      expect(entries.length).toBeGreaterThan(1)
      expect([...(indexes?.[kind].entries() ?? [])].slice(0, entries.length)).toEqual(entries)
    }
    const committed = await readCommitted(partition, 0, 100_000)
    expect(committed).toHaveLength(25)
    expect(after?.transactions.count).toBe(5)
  })

  it('does not look at what lies before the mark, and finds damage after it', async () => {
    const disk = new ModelDisk(new DiskImage())
    const before = await grown(disk)
    const { sizeBytes } = before.partition()
    const whereIs = async (position: number) => {
      const image = new ModelDisk(disk.imageAfter(disk.operations.length, () => 'kept'))
      const file = image.openNow(SEGMENT, 'existing')
      file.writeNow(position, [Buffer.of(0xff)])
      return (await crashedAndOpened(image)).partition.isOffline
    }
    expect(await whereIs(100)).toBe(false)
    expect(await whereIs(sizeBytes - 10)).toBe(true)
  })

  it('scans the whole segment when an index that the mark relies on is not there', async () => {
    const disk = new ModelDisk(new DiskImage())
    const before = await grown(disk)
    const { logEndOffset } = before.partition()
    await disk.remove(`${FOLDER}/00000000000000000000.index`)
    const file = disk.openNow(SEGMENT, 'existing')
    file.writeNow(100, [Buffer.of(0xff)])
    const { world, partition } = await crashedAndOpened(disk)
    expect(logEndOffset).toBe(35)
    expect(partition.isOffline).toBe(true)
    expect(world.errors.join()).toContain('lost durable records')
  })

  it('forgets the marks of earlier lives when the next one is written', async () => {
    const disk = new ModelDisk(new DiskImage())
    await grown(disk)
    const { after, broker, partition } = await crashedAndOpened(disk)
    const [first] = snapshotsIn(after)
    for (let index = 0; index < 40; index++) append(partition, { values: ['y'.repeat(100)] })
    await broker.flush()
    const [next, ...others] = snapshotsIn(after)
    expect(others).toEqual([])
    expect(next).toBeGreaterThan(first as number)
  })
})
