import { describe, expect, it } from 'vitest'
import { LeaderEpochs } from '../../../../packages/broker/src/log/leader-epochs.ts'
import { LogCaches } from '../../../../packages/broker/src/log/log-caches.ts'
import type { LogSettings } from '../../../../packages/broker/src/log/log-settings.ts'
import type { LogTools } from '../../../../packages/broker/src/log/log-tools.ts'
import type { PendingBatch } from '../../../../packages/broker/src/log/pending-write.ts'
import { ProducerState } from '../../../../packages/broker/src/log/producer-state.ts'
import { SegmentList } from '../../../../packages/broker/src/log/segment-list.ts'
import { SegmentWriter } from '../../../../packages/broker/src/log/segment-writer.ts'
import { Tail } from '../../../../packages/broker/src/log/tail-cache.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import { plainSettings } from '../../../support/log-harness.ts'
import {
  diskWithFolder,
  FOLDER,
  identity,
  loadToolsOf,
  namesIn,
  placeOf,
  segmentOf,
  singles,
} from '../../../support/log-parts.ts'

async function given(more: Partial<LogSettings> = {}) {
  const disk = await diskWithFolder()
  const world = quietWorld(disk)
  const tools = loadToolsOf(world)
  const segments = new SegmentList(disk, FOLDER, [segmentOf(disk, [])])
  const producers = new ProducerState(tools.producerQuota)
  const tail = new Tail(tools.tailCache)
  const leaderEpochs = new LeaderEpochs()
  const caches = new LogCaches(
    FOLDER,
    { segments, leaderEpochs, logEndOffset: 0, lastStop: 'unclean' },
    tools as LogTools,
  )
  const writer = new SegmentWriter(identity, { segments, producers, caches, tail }, tools)
  const settings = { ...plainSettings, ...more }
  const pendingOf = (batches: readonly Buffer[]): PendingBatch[] => {
    const bytes = Buffer.concat(batches)
    const block = tail.charge(bytes.length)
    block.buffer.set(bytes)
    let start = 0
    return batches.map(batch => {
      const at = { block, start }
      start += batch.length
      const producer = { producerId: -1, previousProducer: undefined }
      return { ...placeOf(batch), ...at, ...producer, leaderEpoch: 2 }
    })
  }
  const write = (batches: readonly Buffer[], now: LogSettings = settings) =>
    writer.write(pendingOf(batches), now)
  return { disk, segments, tail, caches, writer, settings, pendingOf, write }
}

const large = (baseOffset: number, count: number) =>
  singles(
    baseOffset,
    Array.from({ length: count }, () => 'x'.repeat(300)),
  )

describe('the writer of a log', () => {
  it('writes a turn with one call, gives the journal every byte, and keeps the tail', async () => {
    const { disk, tail, write } = await given()
    const batches = singles(0, ['a', 'b', 'c'])
    const before = disk.operations.length
    const { sizeBytes, entries } = write(batches)
    expect(disk.operations.slice(before).map(({ type }) => type)).toEqual(['write'])
    expect(sizeBytes).toBe(Buffer.concat(batches).length)
    expect(entries.map(({ type, baseOffset, endOffset }) => [type, baseOffset, endOffset])).toEqual(
      [['bytes', 0, 3]],
    )
    expect(tail.bytesBetween(0, 3)).toBe(sizeBytes)
  })

  it('begins a new segment where a batch does not fit, within one turn too', async () => {
    const { segments, write } = await given({ segmentBytes: 900 })
    write(large(0, 5))
    expect(segments.all.map(({ baseOffset }) => baseOffset)).toEqual([0, 2, 4])
  })

  it('begins a new segment when the first record of the active one is old enough', async () => {
    const { segments, write } = await given({ segmentMs: 5_000 })
    write(singles(0, ['a'], { timestamp: 1_000 }))
    write(singles(1, ['b'], { timestamp: 6_000 }))
    expect(segments.all).toHaveLength(1)
    write(singles(2, ['c'], { timestamp: 6_001 }))
    expect(segments.active.baseOffset).toBe(2)
  })

  it('begins a new segment when an index is full', async () => {
    const { segments, write } = await given({ segmentIndexBytes: 24, indexIntervalBytes: 1 })
    for (const batch of large(0, 6)) write([batch])
    expect(segments.all.length).toBeGreaterThan(1)
  })

  it('leaves the segments as they were when a write fails', async () => {
    const { disk, segments, write } = await given({ segmentBytes: 900 })
    write(large(0, 1))
    const [sizeBytes, names] = [segments.sizeBytes, await namesIn(disk)]
    disk.fault = (call, path) => (call === 'write' && path.endsWith('2.log') ? 'EIO' : undefined)
    expect(() => write(large(1, 3))).toThrow('EIO')
    expect([segments.all.length, segments.sizeBytes]).toEqual([1, sizeBytes])
    expect(await namesIn(disk)).toEqual(names)
  })

  it('knows nothing of what the thread pool writes before it is there', async () => {
    const { segments, tail, writer, settings, pendingOf, write } = await given({
      segmentBytes: 900,
    })
    write(large(0, 1))
    const pending = pendingOf(large(1, 2))
    const first = writer.place(pending, settings)
    await writer.writeTo(first)
    expect([segments.sizeBytes, tail.bytesBetween(0, 3)]).toEqual([
      pending[0]?.sizeBytes,
      pending[0]?.sizeBytes,
    ])
    const { entries } = writer.placed(first, pending, settings)
    expect(entries).toMatchObject([{ baseOffset: 1, endOffset: 2, segmentBaseOffset: 0 }])
    const second = writer.place(pending.slice(1), settings)
    await writer.writeTo(second)
    expect(segments.all).toHaveLength(1)
    expect(writer.placed(second, pending.slice(1), settings).entries).toMatchObject([
      { baseOffset: 2, endOffset: 3, segmentBaseOffset: 2, segmentPosition: 0 },
    ])
    expect([segments.all.length, tail.bytesBetween(0, 3)]).toEqual([2, segments.sizeBytes])
    expect(() => writer.placed(first, pending.slice(1), settings)).toThrow(
      'pending for the longest',
    )
  })

  it('removes a segment whose first write the thread pool could not do', async () => {
    const { disk, segments, writer, settings, pendingOf, write } = await given({
      segmentBytes: 900,
    })
    write(large(0, 2))
    const before = await namesIn(disk)
    disk.fault = call => (call === 'write' ? 'ENOSPC' : undefined)
    const placement = writer.place(pendingOf(large(2, 1)), settings)
    await expect(writer.writeTo(placement)).rejects.toThrow('ENOSPC')
    expect([await namesIn(disk), segments.all.length]).toEqual([before, 1])
  })

  it('owes the journal what a relaxed log has written and not synced', async () => {
    const { write, writer, settings } = await given()
    const relaxed = { ...settings, flushMode: 'relaxed' as const }
    expect(write(singles(0, ['a']), relaxed).entries).toEqual([])
    writer.synced(1, 1)
    write(singles(1, ['b']), relaxed)
    const { entries } = write(singles(2, ['c']))
    expect(entries.map(({ type, baseOffset, endOffset }) => [type, baseOffset, endOffset])).toEqual(
      [
        ['extent', 1, 2],
        ['bytes', 2, 3],
      ],
    )
    expect(write(singles(3, ['d'])).entries).toHaveLength(1)
  })
})
