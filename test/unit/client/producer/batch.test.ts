import { batchesOf, crc32c, nodeCodecs, RecordBatch, recordsOf } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { NO_STAMP, ProducerBatch } from '../../../../packages/client/src/producer/batch.ts'
import type { SentRecord } from '../../../../packages/client/src/producer/record.ts'

const codecs = nodeCodecs()

function batchOf(values: readonly string[]) {
  const batch = new ProducerBatch({
    topic: 't',
    partition: 1,
    createdAt: 0,
    deadline: 1,
    firstNumber: 0,
  })
  const outcomes: (SentRecord | Promise<never>)[] = []
  for (const [index, value] of values.entries()) {
    batch.append(
      { key: null, value, headers: [], timestamp: 100 + index },
      outcome => outcomes.push(outcome),
      0,
    )
  }
  return { batch, outcomes }
}

const seal = (batch: ProducerBatch) =>
  batch.seal({
    stamp: NO_STAMP,
    compression: 'gzip',
    level: undefined,
    isTransactional: false,
    platform: { codecs, crc32c },
  })

const valuesOf = (batch: ProducerBatch) =>
  [...batchesOf(batch.bytes)].flatMap(each =>
    [...recordsOf(each, codecs)].map(({ value }) => String(value)),
  )

describe('ProducerBatch', () => {
  it('tells each record where it was written, with its own time or that of the log', () => {
    const own = batchOf(['a', 'b'])
    own.batch.acknowledge(40, -1)
    expect(own.outcomes).toEqual([
      { topic: 't', partition: 1, offset: 40, timestamp: 100 },
      { topic: 't', partition: 1, offset: 41, timestamp: 101 },
    ])
    const ofLog = batchOf(['a'])
    ofLog.batch.acknowledge(-1, 999)
    expect(ofLog.outcomes).toEqual([{ topic: 't', partition: 1, offset: -1, timestamp: 999 }])
  })

  it('is settled once, whatever comes later', async () => {
    const { batch, outcomes } = batchOf(['a'])
    batch.fail(new Error('too late'))
    batch.acknowledge(0, -1)
    expect(batch.isSettled).toBe(true)
    expect(outcomes).toHaveLength(1)
    await expect(outcomes[0]).rejects.toThrow('too late')
  })

  it('takes the first record whatever its size, and others while there is room', () => {
    const { batch } = batchOf([])
    const record = { key: null, value: 'x'.repeat(500), headers: [], timestamp: 0 }
    expect(batch.hasRoomFor(record, 2000, 100)).toBe(true)
    batch.append(record, () => {}, 0)
    expect(batch.hasRoomFor(record, 2000, 100)).toBe(false)
    expect(batch.hasRoomFor(record, 2000, 1200)).toBe(true)
    seal(batch)
    expect(batch.hasRoomFor(record, 2000, 100_000)).toBe(false)
  })

  it('falls into halves with the same records in the same order', () => {
    const { batch, outcomes } = batchOf(['a', 'b', 'c'])
    batch.reservedBytes = 101
    seal(batch)
    const halves = batch.halves(codecs)
    for (const half of halves) seal(half)
    expect(halves.map(valuesOf)).toEqual([['a', 'b'], ['c']])
    expect(halves[0].reservedBytes + halves[1].reservedBytes).toBe(101)
    halves[1].acknowledge(9, -1)
    expect(outcomes).toEqual([{ topic: 't', partition: 1, offset: 9, timestamp: 102 }])
  })

  it('keeps its records under another stamp', () => {
    const { batch } = batchOf(['a'])
    seal(batch)
    batch.restamp({ producerId: 5, producerEpoch: 1, baseSequence: 9 }, crc32c)
    const view = new RecordBatch(batch.bytes)
    expect([view.producerId, view.producerEpoch, view.baseSequence]).toEqual([5, 1, 9])
    expect(view.crcIsValid(crc32c)).toBe(true)
    expect(valuesOf(batch)).toEqual(['a'])
  })
})
