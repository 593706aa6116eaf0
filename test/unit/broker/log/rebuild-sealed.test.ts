import { BatchBuilder } from '@varve/protocol'
import { expect, it } from 'vitest'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import { append, type HarnessOptions, openHarness } from '../../../support/log-harness.ts'
import { FOLDER } from '../../../support/log-parts.ts'
import { ModelDisk } from '../../../support/model-disk.ts'
import { readCommitted } from '../../../support/transactional-log.ts'

const options: HarnessOptions = { settings: { segmentBytes: 400 }, unsyncedBytes: 1 }

/** A log that was rolled where its recovery point is, after a loss of power that came before any index was written. */
async function rolledAtRecoveryPoint() {
  const disk = new ModelDisk(new DiskImage())
  const world = quietWorld(disk)
  const broker = await openHarness(world, options)
  const builder = new BatchBuilder()
  builder.append({ key: 'k', value: 'aborted', timestamp: 5_000 })
  const producer = { producerId: 3, producerEpoch: 0 }
  const records = builder.build({ ...producer, baseSequence: 0, isTransactional: true })
  broker.partition().append(records, { now: 1_000, verification: 'off' })
  broker
    .partition()
    .appendMarker(
      { ...producer, coordinatorEpoch: 1, result: 'abort', transactionVersion: 0 },
      1_000,
    )
  await broker.flush()
  world.clock.advance(60_000)
  await broker.flush()
  append(broker.partition(), { values: ['x'.repeat(300)] })
  world.clock.turn()
  const isIndex = (path: string) => /(index|snapshot|sequences)(\.tmp)?$/.test(path)
  await broker.flush()
  return disk.imageAfter(disk.operations.length, ({ path }) => (isIndex(path) ? 'lost' : 'kept'))
}

it('knows again what was aborted, and how new its records are', async () => {
  const image = await rolledAtRecoveryPoint()
  for (const name of image.namesIn(FOLDER))
    if (/(index|snapshot|sequences)$/.test(name)) image.names.delete(name)
  const after = new ModelDisk(image)
  const broker = await openHarness(quietWorld(after), options)
  const partition = broker.partition()
  expect(partition.log?.segments.all.map(({ baseOffset }) => baseOffset)).toEqual([0, 2])
  expect(await readCommitted(partition, 0, 10_000)).toEqual([2])
  expect(await partition.offsetForTimestamp(4_000)).toMatchObject({ offset: 0 })
  expect(partition.sizeBytes).toBe(
    image
      .namesIn(FOLDER)
      .filter(name => name.endsWith('.log'))
      .reduce((sum, name) => sum + image.content(image.names.get(name) as number).length, 0),
  )
})

it('finds a marker that is damaged, and leaves this partition offline and no other', async () => {
  const image = await rolledAtRecoveryPoint()
  const after = new ModelDisk(image)
  const segment = after.openNow(`${FOLDER}/00000000000000000000.log`, 'existing')
  // The number of the marker's key, just before its value.
  segment.writeNow(segment.sizeBytes - 12, [Buffer.of(0x7f)])
  const world = quietWorld(after)
  const broker = await openHarness(world, options)
  expect(broker.partition().isOffline).toBe(true)
  expect(world.errors.join()).toContain('A control batch is damaged')
})
