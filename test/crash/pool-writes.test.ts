/** Writes by the thread pool that are under way while everything else happens. */
import { expect, it } from 'vitest'
import type { Partition } from '../../packages/broker/src/replication/partition.ts'
import { DiskImage } from '../support/disk-image.ts'
import { quietWorld, settle } from '../support/journal-world.ts'
import { append, DATA, type HarnessOptions, openHarness } from '../support/log-harness.ts'
import { ModelDisk } from '../support/model-disk.ts'
import { readValues } from '../support/read-log.ts'

/** A broker whose segments the pool writes, each write when `release` is called. */
async function given(options: HarnessOptions = {}) {
  const disk = new ModelDisk(new DiskImage())
  const world = quietWorld(disk)
  const broker = await openHarness(world, { poolWriteBytes: 1, ...options })
  const held: (() => void)[] = []
  const hold = (): void => {
    disk.hold = (call, path) =>
      call === 'append' && path.endsWith('.log')
        ? new Promise(resolve => held.push(resolve))
        : undefined
  }
  hold()
  const release = async (): Promise<void> => {
    for (const end of held.splice(0)) end()
    await broker.flush()
  }
  const releaseAll = async (): Promise<void> => {
    disk.hold = () => undefined
    await release()
    await broker.flush()
  }
  const partition = broker.partition()
  const done: string[] = []
  const produce = (value: string, more: object = {}): void => {
    const { baseOffset, lastOffset } = append(partition, { values: [value], ...more })
    partition.whenCommitted(lastOffset + 1, error => done.push(`${baseOffset} ${error}`))
  }
  return { disk, world, broker, partition, hold, held, release, releaseAll, done, produce }
}

const valuesOf = async (partition: Partition): Promise<string[]> =>
  (await readValues(partition)).map(({ value }) => value)

const reopened = async (disk: ModelDisk, kept: 'kept' | 'lost'): Promise<string[]> => {
  const image = disk.imageAfter(disk.operations.length, () => kept)
  const broker = await openHarness(quietWorld(new ModelDisk(image)))
  return valuesOf(broker.partition())
}

it('acknowledges, shows and syncs nothing of a write before it has ended', async () => {
  const { disk, broker, partition, release, done, produce } = await given()
  produce('first')
  await broker.flush()
  await release()
  expect(done).toEqual(['0 NONE'])
  produce('second')
  await broker.flush()
  await partition.log?.syncSegments()
  expect([partition.log?.writtenEnd, partition.highWatermark, partition.logEndOffset]).toEqual([
    1, 1, 2,
  ])
  expect([done, await valuesOf(partition)]).toEqual([['0 NONE'], ['first']])
  await release()
  expect([done, await valuesOf(partition)]).toEqual([
    ['0 NONE', '1 NONE'],
    ['first', 'second'],
  ])
  expect(await reopened(disk, 'lost')).toEqual(['first', 'second'])
})

it('syncs what came after a sync had begun once more', async () => {
  const { disk, broker, partition, release, produce } = await given({
    settings: { flushMode: 'relaxed' },
  })
  produce('first')
  await broker.flush()
  await release()
  produce('second')
  await broker.flush()
  const synced = partition.log?.syncSegments()
  await release()
  expect(await synced).toBe(1)
  expect(await reopened(disk, 'lost')).toEqual(['first'])
  expect(await partition.log?.syncSegments()).toBe(2)
  expect(await reopened(disk, 'lost')).toEqual(['first', 'second'])
})

it('keeps the order of what is appended meanwhile, and writes a segment at a time', async () => {
  const { disk, broker, partition, held, release, done, produce } = await given({
    settings: { segmentBytes: 700 },
  })
  const values = Array.from({ length: 9 }, (_, index) => `${index}`.repeat(200))
  for (const [index, value] of values.entries()) {
    produce(value, { producerId: 4, baseSequence: index })
    await broker.flush()
    expect(held).toHaveLength(1)
    if (index % 3 === 2) await release()
  }
  while (held.length > 0) await release()
  expect(done).toEqual(values.map((_, index) => `${index} NONE`))
  expect(await valuesOf(partition)).toEqual(values)
  expect(partition.log?.segments.all.length).toBeGreaterThan(2)
  expect(await reopened(disk, 'lost')).toEqual(values)
})

it('counts relaxed records when their write has ended', async () => {
  const { broker, partition, release, done, produce } = await given({
    settings: { flushMode: 'relaxed' },
  })
  produce('a')
  await broker.flush()
  expect([done, partition.highWatermark]).toEqual([[], 0])
  await release()
  expect([done, partition.highWatermark]).toEqual([['0 NONE'], 1])
})

it('journals what was begun in relaxed mode and ended in durable mode', async () => {
  const topic = { flushMode: 'relaxed' as 'relaxed' | 'durable' }
  const { disk, broker, partition, release, done, produce } = await given({
    settingsOf: () => topic,
  })
  produce('a')
  await broker.flush()
  await release()
  produce('b')
  await broker.flush()
  const log = partition.log
  log?.configure({ ...log.settings, flushMode: 'durable' })
  await release()
  expect(done).toEqual(['0 NONE', '1 NONE'])
  expect(await reopened(disk, 'lost')).toEqual(['a', 'b'])
})

it('refuses with a write that found no room what was appended behind it, and goes on later', async () => {
  const { disk, broker, partition, held, release, releaseAll, done, produce } = await given()
  produce('kept', { producerId: 5, baseSequence: 0 })
  await broker.flush()
  await release()
  for (const [index, value] of ['no', 'nor', 'neither'].entries()) {
    produce(value, { producerId: 5, baseSequence: index + 1 })
    await broker.flush()
  }
  disk.capacityBytes = 1
  await release()
  expect(done.slice(1)).toEqual([1, 2, 3].map(offset => `${offset} KAFKA_STORAGE_ERROR`))
  expect([partition.logEndOffset, partition.isOffline, held]).toEqual([1, false, []])
  disk.capacityBytes = Number.POSITIVE_INFINITY
  produce('again', { producerId: 5, baseSequence: 1 })
  await broker.flush()
  await releaseAll()
  expect(await valuesOf(partition)).toEqual(['kept', 'again'])
  await broker.close()
  expect(await reopened(disk, 'lost')).toEqual(['kept', 'again'])
})

it('has no new segment when the write that was to begin it failed', async () => {
  const { disk, broker, partition, release, releaseAll, produce } = await given({
    settings: { segmentBytes: 700 },
  })
  produce('x'.repeat(400))
  await broker.flush()
  await release()
  disk.fault = (call, path) => (call === 'write' && path.endsWith('1.log') ? 'ENOSPC' : undefined)
  produce('y'.repeat(400))
  await broker.flush()
  expect((await disk.list(`${DATA}/events-0`))?.map(({ name }) => name)).toContain(
    '00000000000000000001.log',
  )
  expect(partition.log?.segments.all).toHaveLength(1)
  await release()
  expect([partition.log?.segments.all.length, partition.logEndOffset]).toEqual([1, 1])
  const names = (await disk.list(`${DATA}/events-0`))?.map(({ name }) => name)
  expect(names?.filter(name => name.endsWith('.log'))).toEqual(['00000000000000000000.log'])
  disk.fault = () => undefined
  // This one has room where the other had none.
  produce('z'.repeat(50))
  await broker.flush()
  await releaseAll()
  expect((await valuesOf(partition)).map(value => value[0])).toEqual(['x', 'z'])
  await broker.close()
  expect((await reopened(disk, 'lost')).map(value => value[0])).toEqual(['x', 'z'])
})

it('takes the partition offline with a write that failed, and keeps what was acknowledged before', async () => {
  const { disk, broker, partition, release, done, produce } = await given()
  produce('kept')
  await broker.flush()
  await release()
  produce('lost')
  await broker.flush()
  produce('too')
  disk.fault = call => (call === 'write' ? 'EIO' : undefined)
  await release()
  disk.fault = () => undefined
  expect([partition.isOffline, partition.highWatermark, broker.failures]).toEqual([true, 1, []])
  expect(done).toEqual(['0 NONE', '1 KAFKA_STORAGE_ERROR', '2 KAFKA_STORAGE_ERROR'])
  expect(await reopened(disk, 'lost')).toEqual(['kept'])
})

it('does not count what was being written when the disk failed', async () => {
  const { disk, broker, partition, release, done, produce } = await given({ partitions: 2 })
  produce('never')
  await broker.flush()
  disk.hold = () => undefined
  disk.fault = call => (call === 'sync' ? 'EIO' : undefined)
  append(broker.partition(1), { values: ['other'] })
  await broker.flush()
  disk.fault = () => undefined
  expect(broker.failures).toHaveLength(1)
  await release()
  expect([done, partition.isOffline, partition.highWatermark]).toEqual([
    ['0 KAFKA_STORAGE_ERROR'],
    true,
    0,
  ])
  await broker.directory.abandon()
  expect(disk.openPaths.filter(path => path.endsWith('.log'))).toEqual([])
})

it('waits at a clean stop, after which all of it is there', async () => {
  const { disk, broker, held, produce, release } = await given({ settings: { segmentBytes: 700 } })
  for (const value of ['a', 'b', 'c']) {
    produce(value.repeat(400))
    await broker.flush()
  }
  let isClosed = false
  const closed = broker.close().then(() => {
    isClosed = true
  })
  await settle()
  expect([isClosed, held.length]).toEqual([false, 1])
  await release()
  await closed
  expect((await reopened(disk, 'lost')).map(value => value[0])).toEqual(['a', 'b', 'c'])
  expect(disk.openPaths).toEqual([])
})

it('deletes a partition when the write to it has ended, and leaves nothing open', async () => {
  const { disk, broker, partition, release, releaseAll, produce } = await given({
    settings: { segmentBytes: 700 },
  })
  produce('x'.repeat(400))
  await broker.flush()
  await release()
  // Into a segment that is no part of the log yet.
  produce('y'.repeat(400))
  await broker.flush()
  const { log } = partition
  if (log === undefined) throw new Error('there is a log')
  broker.flusher.forget(log)
  let isAbandoned = false
  const abandoned = log.abandon().then(() => {
    isAbandoned = true
  })
  await settle()
  expect(isAbandoned).toBe(false)
  await releaseAll()
  await abandoned
  await settle()
  expect(disk.openPaths.filter(path => path.includes('events-0'))).toEqual([])
  expect(partition.highWatermark).toBe(1)
})

it('is found in part, or whole, or not at all after a kill, and what was acknowledged is there', async () => {
  for (const share of [0, 0.4, 1]) {
    const { disk, broker, release, produce } = await given()
    produce('acknowledged')
    await broker.flush()
    await release()
    produce('under way')
    await broker.flush()
    disk.endAppends(sizeBytes => Math.floor(sizeBytes * share))
    const after = await openHarness(quietWorld(new ModelDisk(new DiskImage(), disk)))
    const expected = share === 1 ? ['acknowledged', 'under way'] : ['acknowledged']
    expect(await valuesOf(after.partition())).toEqual(expected)
  }
})

it('leaves the retention alone while a write is under way', async () => {
  const { broker, partition, release, releaseAll, produce } = await given({
    settings: { segmentBytes: 700, retentionBytes: 1 },
  })
  produce('x'.repeat(400))
  await broker.flush()
  await release()
  produce('y'.repeat(400))
  await broker.flush()
  await partition.log?.retain(2_000, partition.highWatermark)
  expect([partition.log?.segments.all.length, partition.logStartOffset]).toEqual([1, 0])
  await releaseAll()
  expect(partition.highWatermark).toBe(2)
  await partition.log?.retain(2_000, partition.highWatermark)
  expect(partition.logStartOffset).toBeGreaterThan(0)
})
