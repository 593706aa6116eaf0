import { RecordBatch } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import {
  type PendingBatch,
  PendingWriter,
  type PendingWriterOptions,
  producersBefore,
} from '../../../../packages/broker/src/log/pending-write.ts'
import { ProducerQuota } from '../../../../packages/broker/src/log/producer-quota.ts'
import { ProducerState } from '../../../../packages/broker/src/log/producer-state.ts'
import { Tail, TailCache } from '../../../../packages/broker/src/log/tail-cache.ts'
import {
  diskWithFolder,
  placeOf,
  segmentOf,
  singles,
  storedBatch,
} from '../../../support/log-parts.ts'

async function given(more: Partial<PendingWriterOptions> = {}) {
  const disk = await diskWithFolder()
  const writer = new PendingWriter({
    ...{ topicId: 'topic', partition: 3, indexIntervalBytes: 4096 },
    ...{ inlineBytesMax: 1_000, isJournaled: true },
    ...more,
  })
  return { disk, writer, segment: segmentOf(disk, []) }
}

/** Batches side by side in one buffer. */
function pendingOf(batches: readonly Buffer[], leaderEpoch = 0): PendingBatch[] {
  const buffer = Buffer.concat(batches)
  const block = new Tail(new TailCache(1_000_000)).charge(buffer.length)
  block.buffer.set(buffer)
  let start = 0
  return batches.map(batch => {
    const at = start
    start += batch.length
    const producer = { producerId: -1, previousProducer: undefined }
    return { ...placeOf(batch), leaderEpoch, block, start: at, ...producer }
  })
}

describe('the write of a turn', () => {
  it('is one write to the segment and one entry for the journal, without a copy', async () => {
    const { disk, writer, segment } = await given()
    const batches = singles(0, ['a', 'bb', 'ccc'])
    const pending = pendingOf(batches)
    for (const batch of pending) writer.add(batch, segment)
    const before = disk.operations.length
    writer.flush()
    expect(disk.operations.slice(before).map(({ type }) => type)).toEqual(['write'])
    expect(await disk.readFile(segment.path)).toEqual(Buffer.concat(batches))
    expect(writer.sizeBytes).toBe(Buffer.concat(batches).length)
    expect(writer.entries).toEqual([
      {
        ...{ type: 'bytes', topicId: 'topic', partition: 3, leaderEpoch: 0 },
        ...{ baseOffset: 0, endOffset: 3, segmentBaseOffset: 0, segmentPosition: 0 },
        parts: [Buffer.concat(batches)],
      },
    ])
    const [entry] = writer.entries
    if (entry?.type === 'bytes')
      expect(entry.parts[0]?.buffer).toBe(pending[0]?.block.buffer.buffer)
  })

  it('has the same entries for what was written already', async () => {
    const { disk, writer, segment } = await given()
    const batches = singles(0, ['a', 'bb'])
    await segment.write(batches)
    for (const batch of pendingOf(batches)) writer.add(batch, segment)
    const before = disk.operations.length
    writer.flushed()
    expect(disk.operations).toHaveLength(before)
    expect(writer.sizeBytes).toBe(Buffer.concat(batches).length)
    expect(writer.entries).toMatchObject([
      { type: 'bytes', endOffset: 2, segmentPosition: 0, parts: [Buffer.concat(batches)] },
    ])
    writer.flushed()
    expect(writer.entries).toHaveLength(1)
  })

  it('has an entry of its own for what is large, which only says where it lies', async () => {
    const { writer, segment } = await given()
    const batches = singles(0, ['a', 'x'.repeat(2_000), 'b'])
    for (const batch of pendingOf(batches)) writer.add(batch, segment)
    writer.flush()
    const [first, large, last] = batches as [Buffer, Buffer, Buffer]
    expect(
      writer.entries.map(({ type, baseOffset, endOffset, segmentPosition }) => [
        ...[type, baseOffset, endOffset, segmentPosition],
      ]),
    ).toEqual([
      ['bytes', 0, 1, 0],
      ['extent', 1, 2, first.length],
      ['bytes', 2, 3, first.length + large.length],
    ])
    expect(writer.entries[1]).toMatchObject({ sizeBytes: large.length, segment })
    expect(writer.sizeBytes).toBe(first.length + large.length + last.length)
  })

  it('tells the leader epochs apart', async () => {
    const { writer, segment } = await given()
    for (const batch of pendingOf(singles(0, ['a']), 4)) writer.add(batch, segment)
    for (const batch of pendingOf(singles(1, ['b']), 5)) writer.add(batch, segment)
    writer.flush()
    expect(writer.entries.map(entry => [entry.leaderEpoch, entry.baseOffset])).toEqual([
      [4, 0],
      [5, 1],
    ])
  })

  it('goes to one segment after the other', async () => {
    const { disk, writer, segment } = await given()
    const next = segmentOf(disk, [], { baseOffset: 1 })
    const [one, other] = pendingOf(singles(0, ['a', 'b'])) as [PendingBatch, PendingBatch]
    writer.add(one, segment)
    writer.flush()
    writer.add(other, next)
    writer.flush()
    writer.flush()
    expect(writer.entries.map(entry => [entry.segmentBaseOffset, entry.segmentPosition])).toEqual([
      [0, 0],
      [1, 0],
    ])
  })

  it('tells the journal nothing of a relaxed log', async () => {
    const { writer, segment } = await given({ isJournaled: false })
    for (const batch of pendingOf(singles(0, ['a']))) writer.add(batch, segment)
    writer.flush()
    expect([writer.entries, writer.sizeBytes > 0]).toEqual([[], true])
  })

  it('tells the journal nothing of what could not be written', async () => {
    const { disk, writer, segment } = await given()
    for (const batch of pendingOf(singles(0, ['a']))) writer.add(batch, segment)
    disk.capacityBytes = 10
    expect(() => writer.flush()).toThrow('ENOSPC')
    expect([writer.entries, writer.sizeBytes]).toEqual([[], 0])
  })
})

describe('the producers before a roll', () => {
  it('are as if the batches after it had not been applied', () => {
    const state = new ProducerState(
      new ProducerQuota({ idsMax: 9, expirationMs: 1, sweepIntervalMs: 1 }),
    )
    const applied = (producerId: number, baseSequence: number, baseOffset: number) => {
      const how = { producerId, producerEpoch: 0, baseSequence, baseOffset }
      const bytes = storedBatch({ values: ['x'], ...how })
      const [pending] = pendingOf([bytes]) as [PendingBatch]
      return { ...pending, producerId, previousProducer: state.apply(new RecordBatch(bytes)) }
    }
    applied(1, 0, 0)
    applied(2, 0, 1)
    const before = [...state.entries()]
    const late = [applied(1, 1, 2), applied(1, 2, 3), applied(3, 0, 4)]
    const [unrelated] = pendingOf(singles(5, ['y'])) as [PendingBatch]
    expect(producersBefore(state, [...late, unrelated])).toEqual(before)
    expect(producersBefore(state, [])).toEqual([...state.entries()])
  })
})
