import { BatchBuilder, crc32c, nodeCodecs, RecordBatch } from '@varve/protocol'
import { describe, expect, it, vi } from 'vitest'
import { DiskImage } from '../../../support/disk-image.ts'
import { GatedDisk } from '../../../support/gated-disk.ts'
import { quietWorld, settle } from '../../../support/journal-world.ts'
import { append, batchOf, DATA, openHarness, refusalOf } from '../../../support/log-harness.ts'
import { ModelDisk } from '../../../support/model-disk.ts'
import { readValues } from '../../../support/read-log.ts'
import { readCommitted } from '../../../support/transactional-log.ts'

const newDisk = () => new ModelDisk(new DiskImage())

const changed = (batch: Buffer, change: (batch: Buffer) => void): Buffer => {
  change(batch)
  new RecordBatch(batch).writeCrc(crc32c)
  return batch
}

describe('a full disk', () => {
  it('refuses what does not fit, takes it back, and goes on when there is space', async () => {
    const disk = newDisk()
    const broker = await openHarness(quietWorld(disk))
    const partition = broker.partition()
    append(partition, { values: ['kept'], producerId: 5, baseSequence: 0 })
    await broker.flush()
    disk.capacityBytes = 0
    const done: string[] = []
    for (const sequence of [1, 2]) {
      const { lastOffset } = append(partition, {
        values: ['x'.repeat(300)],
        producerId: 5,
        baseSequence: sequence,
      })
      partition.whenCommitted(lastOffset + 1, error => done.push(error))
    }
    await broker.flush()
    expect(done).toEqual(['KAFKA_STORAGE_ERROR', 'KAFKA_STORAGE_ERROR'])
    expect([partition.logEndOffset, partition.highWatermark, partition.isOffline]).toEqual([
      1,
      1,
      false,
    ])
    expect(await readValues(partition)).toEqual([{ offset: 0, value: 'kept' }])
    disk.capacityBytes = Number.POSITIVE_INFINITY
    expect(append(partition, { values: ['again'], producerId: 5, baseSequence: 1 })).toMatchObject({
      outcome: 'appended',
      baseOffset: 1,
    })
    await broker.flush()
    expect((await readValues(partition)).map(({ value }) => value)).toEqual(['kept', 'again'])
  })

  it('takes back a roll that did not fit', async () => {
    const disk = newDisk()
    const world = quietWorld(disk)
    const broker = await openHarness(world, { settings: { segmentBytes: 700 } })
    const partition = broker.partition()
    append(partition, { values: ['x'.repeat(300)] })
    await broker.flush()
    const size = (await disk.list(`${DATA}/events-0`))?.find(({ name }) =>
      name.endsWith('.log'),
    )?.sizeBytes
    disk.fault = (call, path) => (call === 'write' && path.endsWith('2.log') ? 'ENOSPC' : undefined)
    append(partition, { values: ['y'.repeat(200)] })
    append(partition, { values: ['z'.repeat(300)] })
    await broker.flush()
    expect([partition.logEndOffset, partition.sizeBytes]).toEqual([1, size])
    disk.fault = () => undefined
    append(partition, { values: ['z'.repeat(300)] })
    append(partition, { values: ['w'.repeat(300)] })
    await broker.flush()
    await broker.close()
    const after = await openHarness(world)
    expect((await readValues(after.partition())).map(({ value }) => value[0])).toEqual([
      'x',
      'z',
      'w',
    ])
  })
})

describe('a disk that fails', () => {
  it('takes the logs offline, once and for all, and answers with KAFKA_STORAGE_ERROR', async () => {
    const disk = newDisk()
    const broker = await openHarness(quietWorld(disk), { limits: { tailCacheBytes: 0 } })
    const partition = broker.partition()
    append(partition, { values: ['kept'] })
    await broker.flush()
    disk.fault = call => (call === 'sync' ? 'EIO' : undefined)
    const done: string[] = []
    const { lastOffset } = append(partition, { values: ['lost'] })
    partition.whenCommitted(lastOffset + 1, error => done.push(error))
    await broker.flush()
    disk.fault = () => undefined
    expect([done, partition.isOffline, partition.highWatermark]).toEqual([
      ['KAFKA_STORAGE_ERROR'],
      true,
      1,
    ])
    expect(refusalOf(partition, batchOf({ values: ['no'] })).error).toBe('KAFKA_STORAGE_ERROR')
    await expect(
      partition.read({ offset: 0, maxBytes: 100, upTo: 'high watermark', firstBatchWhole: true }),
    ).rejects.toThrow('EIO')
    expect(partition.bytesAvailable(0, 'high watermark')).toBeGreaterThan(0)
    partition.whenCommitted(9, error => done.push(error))
    expect(done).toEqual(['KAFKA_STORAGE_ERROR', 'KAFKA_STORAGE_ERROR'])
  })

  it('keeps what was acknowledged before a segment could not be written', async () => {
    const disk = newDisk()
    const world = quietWorld(disk)
    const broker = await openHarness(world, { partitions: 2, unsyncedBytes: 4_000 })
    const [failing, busy] = [broker.partition(0), broker.partition(1)]
    append(failing, { values: ['acknowledged'] })
    await broker.flush()
    disk.fault = (call, path) => (call === 'write' && path.includes('events-0') ? 'EIO' : undefined)
    append(failing, { values: ['never'] })
    await broker.flush()
    expect([failing.isOffline, failing.highWatermark]).toEqual([true, 1])
    disk.fault = () => undefined
    for (let round = 0; round < 200; round++) {
      append(busy, { values: ['x'.repeat(3_000)] })
      await broker.flush()
    }
    expect(busy.highWatermark).toBe(200)
    const crashed = new ModelDisk(disk.imageAfter(disk.operations.length, () => 'lost'))
    const again = await openHarness(quietWorld(crashed), { partitions: 2 })
    expect(await readValues(again.partition(0))).toEqual([{ offset: 0, value: 'acknowledged' }])
  })

  it('has a log looked through again that was offline at a clean stop, for its indexes are behind', async () => {
    const disk = newDisk()
    const world = quietWorld(disk)
    const producer = { producerId: 3, producerEpoch: 0 }
    const builder = new BatchBuilder()
    builder.append({ key: 'k', value: 'aborted', timestamp: 1_000 })
    const records = builder.build({ ...producer, baseSequence: 0, isTransactional: true })
    const first = await openHarness(world)
    first.partition().append(records, { now: 1_000, verification: 'off' })
    await first.close()
    const broker = await openHarness(world, { unsyncedBytes: 1 })
    const marker = {
      ...producer,
      coordinatorEpoch: 1,
      result: 'abort',
      transactionVersion: 0,
    } as const
    broker.partition().appendMarker(marker, 1_000)
    await broker.flush()
    expect(broker.partition().log?.recoveryPoint).toBe(2)
    disk.fault = (call, path) => (call === 'write' && path.endsWith('.log') ? 'EIO' : undefined)
    append(broker.partition(), { values: ['never'] })
    await broker.flush()
    disk.fault = () => undefined
    await broker.close()
    const again = await openHarness(world)
    await again.directory.openAll()
    append(again.partition(), { values: ['kept'] })
    await again.flush()
    expect(await readCommitted(again.partition(), 0, 10_000)).toEqual([2])
    await again.close()
    expect(await disk.readFile(`${DATA}/events-0/damaged`)).toBeUndefined()
  })

  it('leaves a log alone that lost durable records, also at the next start', async () => {
    const disk = newDisk()
    const world = quietWorld(disk)
    const broker = await openHarness(world)
    for (const value of ['a', 'b', 'c']) append(broker.partition(), { values: [value.repeat(100)] })
    await broker.flush()
    await broker.close()
    const path = `${DATA}/events-0/00000000000000000000.log`
    const file = disk.openNow(path, 'existing')
    file.writeNow(250, [Buffer.from('damage')])
    await disk.remove(`${DATA}/.kafka_cleanshutdown`)
    const before = await disk.readFile(path)
    for (const start of ['first', 'second']) {
      const damaged = await openHarness(world)
      expect(damaged.partition().isOffline, start).toBe(true)
      expect(await disk.readFile(path)).toEqual(before)
      await damaged.close()
    }
  })
})

describe('hostile batches', () => {
  const limits = { maxMessageBytes: 2000, segmentBytes: 1500, cleanupPolicy: ['delete'] as const }
  const good = () => batchOf({ values: ['a', 'b'] })
  const cases: [string, string, () => Uint8Array][] = [
    ['nothing', 'INVALID_RECORD', () => Buffer.alloc(0)],
    ['less than a header', 'CORRUPT_MESSAGE', () => good().subarray(0, 40)],
    ['a cut batch', 'CORRUPT_MESSAGE', () => good().subarray(0, 70)],
    [
      'a length below the minimum',
      'CORRUPT_MESSAGE',
      () => changedRaw(good(), batch => batch.writeInt32BE(10, 8)),
    ],
    [
      'a negative length',
      'CORRUPT_MESSAGE',
      () => changedRaw(good(), batch => batch.writeInt32BE(-5, 8)),
    ],
    [
      'a wrong checksum',
      'CORRUPT_MESSAGE',
      () => changedRaw(good(), batch => batch.writeUInt8(7, batch.length - 1)),
    ],
    ['an old format', 'INVALID_RECORD', () => changedRaw(good(), batch => batch.writeInt8(1, 16))],
    ['two batches', 'INVALID_RECORD', () => Buffer.concat([good(), good()])],
    [
      'a count that does not fit the offsets',
      'INVALID_RECORD',
      () => changed(good(), batch => batch.writeInt32BE(5, 23)),
    ],
    [
      'a count of 2^31-1',
      'INVALID_RECORD',
      () =>
        changed(
          good(),
          batch => (batch.writeInt32BE(0x7fffffff, 57), batch.writeInt32BE(0x7ffffffe, 23)),
        ),
    ],
    [
      'a control batch',
      'INVALID_RECORD',
      () => changed(good(), batch => batch.writeInt16BE(0x20, 21)),
    ],
    [
      'an unknown codec',
      'UNSUPPORTED_COMPRESSION_TYPE',
      () => changed(good(), batch => batch.writeInt16BE(6, 21)),
    ],
    [
      'a transaction',
      'INVALID_TXN_STATE',
      () =>
        changed(batchOf({ values: ['a'], producerId: 3 }), batch => batch.writeInt16BE(0x10, 21)),
    ],
    [
      'a batch above max.message.bytes',
      'MESSAGE_TOO_LARGE',
      () => batchOf({ values: ['x'.repeat(3000)] }),
    ],
    [
      'a batch above segment.bytes',
      'RECORD_LIST_TOO_LARGE',
      () => batchOf({ values: ['x'.repeat(1700)] }),
    ],
    [
      'a time in the year 9999',
      'INVALID_TIMESTAMP',
      () => batchOf({ values: ['a'], timestamp: 253_370_764_800_000 }),
    ],
    ['a negative time', 'INVALID_TIMESTAMP', () => batchOf({ values: ['a'], timestamp: -2000 })],
    [
      'the append time set by a producer',
      'INVALID_TIMESTAMP',
      () => changed(good(), batch => batch.writeInt16BE(0x08, 21)),
    ],
  ]

  function changedRaw(batch: Buffer, change: (batch: Buffer) => void): Buffer {
    change(batch)
    return batch
  }

  it.each(cases)('refuses %s with %s', async (_, error, bytes) => {
    const broker = await openHarness(quietWorld(newDisk()), { settings: limits })
    expect(refusalOf(broker.partition(), bytes()).error).toBe(error)
    expect(broker.partition().logEndOffset).toBe(0)
  })

  it('refuses a record without a key on a compacted topic, and says which', async () => {
    const broker = await openHarness(quietWorld(newDisk()), {
      settings: { cleanupPolicy: ['compact'] },
    })
    const builder = new BatchBuilder()
    builder.append({ key: 'k', value: 'v', timestamp: 1 })
    builder.append({ key: null, value: 'v', timestamp: 1 })
    const refusal = refusalOf(broker.partition(), builder.build({}))
    expect(refusal.error).toBe('INVALID_RECORD')
    expect(refusal.recordErrors?.map(({ batchIndex }) => batchIndex)).toEqual([1])
  })

  it('stops opening a compressed batch at the limit', async () => {
    const settings = { batchValidation: 'strict', maxDecompressedBytes: 100_000 } as const
    const broker = await openHarness(quietWorld(newDisk()), { settings })
    const builder = new BatchBuilder()
    builder.append({ key: 'k', value: Buffer.alloc(900_000), timestamp: 1 })
    const bytes = builder.build({ compression: 'gzip', codecs: nodeCodecs() })
    expect(refusalOf(broker.partition(), bytes).error).toBe('MESSAGE_TOO_LARGE')
  })
})

describe('what a topic demands of its batches', () => {
  it('stamps the time of the append', async () => {
    const broker = await openHarness(quietWorld(newDisk()), {
      settings: { timestampType: 'LogAppendTime' },
    })
    expect(append(broker.partition(), { values: ['a'], timestamp: 1 }).logAppendTimeMs).toBe(1_000)
    await broker.flush()
    expect(await broker.partition().offsetForTimestamp(500)).toEqual({
      offset: 0,
      timestamp: 1_000,
      leaderEpoch: 0,
    })
  })

  it('brings batches to the codec of the topic', async () => {
    const broker = await openHarness(quietWorld(newDisk()), {
      settings: { compressionType: 'gzip' },
    })
    append(broker.partition(), { values: ['x'.repeat(1000), 'y'] })
    await broker.flush()
    expect(broker.partition().sizeBytes).toBeLessThan(300)
    expect((await readValues(broker.partition())).map(({ value }) => value.length)).toEqual([
      1000, 1,
    ])
  })
})

describe('a relaxed log', () => {
  it('counts what is written, without a sync', async () => {
    const disk = newDisk()
    const broker = await openHarness(quietWorld(disk), { settings: { flushMode: 'relaxed' } })
    const syncs = disk.syncCount
    append(broker.partition(), { values: ['a'] })
    await broker.flush()
    expect([broker.partition().highWatermark, disk.syncCount]).toEqual([1, syncs])
  })

  it('is synced after so many records (flush.messages), and not before', async () => {
    const disk = newDisk()
    const settings = { flushMode: 'relaxed' as const, flushMessages: 3 }
    const broker = await openHarness(quietWorld(disk), { settings })
    const syncs = disk.syncCount
    append(broker.partition(), { values: ['a', 'b'] })
    await broker.flush()
    expect(disk.syncCount).toBe(syncs)
    append(broker.partition(), { values: ['c'] })
    await broker.flush()
    expect(disk.syncCount).toBeGreaterThan(syncs)
  })

  it('lets producers wait while the disk does not keep up', async () => {
    const settings = { flushMode: 'relaxed' as const }
    const broker = await openHarness(quietWorld(newDisk()), { settings })
    const partition = broker.partition()
    const held = vi.spyOn(broker.flusher, 'holdsBack').mockReturnValueOnce(true)
    append(partition, { values: ['a'] })
    await broker.flush()
    expect([held.mock.calls.length, partition.highWatermark, partition.logEndOffset]).toEqual([
      1, 0, 1,
    ])
    partition.log?.durableUpTo(Number.MAX_SAFE_INTEGER)
    expect(partition.highWatermark).toBe(1)
    held.mockRestore()
  })

  it('counts what producers wait for and no more, though it turned durable meanwhile', async () => {
    const disk = new GatedDisk(newDisk())
    const broker = await openHarness(quietWorld(disk), { settings: { flushMode: 'relaxed' } })
    const partition = broker.partition()
    const held = vi.spyOn(broker.flusher, 'holdsBack').mockReturnValueOnce(true)
    append(partition, { values: ['relaxed'] })
    await broker.flush()
    if (partition.settings !== undefined)
      partition.log?.configure({ ...partition.settings, flushMode: 'durable' })
    disk.close()
    append(partition, { values: ['durable'] })
    await broker.flush()
    expect([partition.highWatermark, partition.log?.writtenEnd]).toEqual([0, 2])
    partition.log?.durableUpTo(held.mock.calls[0]?.[1] as number)
    expect(partition.highWatermark).toBe(1)
    disk.release()
    await settle()
    await settle()
    expect(partition.highWatermark).toBe(2)
    held.mockRestore()
  })

  it('is durable as a whole after it turned durable', async () => {
    const disk = newDisk()
    const world = quietWorld(disk)
    const broker = await openHarness(world, { settings: { flushMode: 'relaxed' } })
    const partition = broker.partition()
    append(partition, { values: ['relaxed'] })
    await broker.flush()
    if (partition.settings !== undefined)
      partition.log?.configure({ ...partition.settings, flushMode: 'durable' })
    append(partition, { values: ['durable'] })
    await broker.flush()
    await settle()
    expect(partition.highWatermark).toBe(2)
    const after = await openHarness(
      quietWorld(new ModelDisk(disk.imageAfter(disk.operations.length, () => 'lost'))),
    )
    expect((await readValues(after.partition())).map(({ value }) => value)).toEqual([
      'relaxed',
      'durable',
    ])
  })
})

describe('an idle log', () => {
  const openLogs = (disk: ModelDisk) => disk.openPaths.filter(path => path.endsWith('.log'))

  it('holds no file open', async () => {
    const disk = newDisk()
    const world = quietWorld(disk)
    const broker = await openHarness(world, { partitions: 2, unsyncedBytes: 1 })
    expect(openLogs(disk)).toEqual([])
    append(broker.partition(), { values: ['a'] })
    await broker.flush()
    expect(openLogs(disk)).toHaveLength(1)
    for (const round of [1, 2]) {
      await broker.partition().log?.segments.releaseIdle()
      expect(openLogs(disk)).toHaveLength(2 - round)
    }
    append(broker.partition(), { values: ['b'] })
    await broker.flush()
    expect(await readValues(broker.partition())).toHaveLength(2)
    await broker.close()
    await openHarness(world, { partitions: 2 })
    expect(openLogs(disk)).toEqual([])
  })

  it('has nothing to write at a stop', async () => {
    const disk = newDisk()
    const world = quietWorld(disk)
    const broker = await openHarness(world)
    append(broker.partition(), { values: ['a'], producerId: 7 })
    await broker.flush()
    await broker.close()
    const second = await openHarness(world)
    const before = disk.operations.length
    await second.close()
    const written = disk.operations.slice(before).map(({ path }) => path)
    expect(written.filter(path => path.startsWith(`${DATA}/events-0`))).toEqual([])
    const third = await openHarness(world)
    expect(append(third.partition(), { values: ['a'], producerId: 7 }).outcome).toBe('duplicate')
    append(third.partition(), { values: ['b'], producerId: 7, baseSequence: 1 })
    await third.flush()
    await third.close()
    const fourth = await openHarness(world)
    const again = append(fourth.partition(), { values: ['b'], producerId: 7, baseSequence: 1 })
    expect(again.outcome).toBe('duplicate')
  })
})

describe('the start of a log', () => {
  it('keeps a moved start over a crash', async () => {
    const disk = newDisk()
    const broker = await openHarness(quietWorld(disk))
    for (const value of ['a', 'b', 'c']) append(broker.partition(), { values: [value] })
    await broker.flush()
    expect(await broker.partition().deleteRecordsBefore(2)).toEqual({ logStartOffset: 2 })
    expect(await broker.partition().deleteRecordsBefore(4)).toBe('OFFSET_OUT_OF_RANGE')
    const after = await openHarness(
      quietWorld(new ModelDisk(disk.imageAfter(disk.operations.length, () => 'lost'))),
    )
    expect((await readValues(after.partition())).map(({ value }) => value)).toEqual(['c'])
    expect(await after.partition().deleteRecordsBefore(-1)).toEqual({ logStartOffset: 3 })
  })
})
