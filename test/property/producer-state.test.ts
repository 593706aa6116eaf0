import { crc32c, RecordBatch } from '@varve/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProducerQuota } from '../../packages/broker/src/log/producer-quota.ts'
import {
  decodeProducerSnapshot,
  encodeProducerSnapshot,
} from '../../packages/broker/src/log/producer-snapshot.ts'
import { ProducerState } from '../../packages/broker/src/log/producer-state.ts'
import { batchOf } from '../support/log-harness.ts'

const newState = () =>
  new ProducerState(new ProducerQuota({ idsMax: 1000, expirationMs: 1000, sweepIntervalMs: 100 }))

/** What producers may send: some in order, some again, some with a gap, some with a new epoch. */
const attempt = fc.record({
  producerId: fc.integer({ min: 0, max: 3 }),
  step: fc.oneof(
    { weight: 6, arbitrary: fc.constant('next') },
    fc.constant('again'),
    fc.constant('gap'),
    fc.constant('new epoch'),
  ),
  count: fc.integer({ min: 1, max: 4 }),
  back: fc.integer({ min: 1, max: 7 }),
})

interface Known {
  epoch: number
  next: number
  sent: { first: number; count: number; baseOffset: number }[]
}

describe('the state of idempotent producers', () => {
  it('accepts each sequence once and in order, and knows the last five batches again', () => {
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 60 }), attempts => {
        const state = newState()
        const known = new Map<number, Known>()
        let offset = 0
        for (const { producerId, step, count, back } of attempts) {
          const producer = known.get(producerId) ?? { epoch: 0, next: 0, sent: [] }
          const original = step === 'again' ? producer.sent.at(-back) : undefined
          const isNewEpoch = step === 'new epoch' && producer.sent.length > 0
          const epoch = producer.epoch + (isNewEpoch ? 1 : 0)
          const gap = step === 'gap' && producer.sent.length > 0 ? back : 0
          const first = original?.first ?? (isNewEpoch ? 0 : producer.next + gap)
          const values = Array.from({ length: original?.count ?? count }, String)
          const batch = new RecordBatch(
            batchOf({ values, producerId, producerEpoch: epoch, baseSequence: first }),
          )
          const check = state.check(batch, offset)
          if (original !== undefined) {
            if (back <= 5)
              expect(check).toMatchObject({
                type: 'duplicate',
                original: { baseOffset: original.baseOffset },
              })
            else expect(check).toMatchObject({ error: 'DUPLICATE_SEQUENCE_NUMBER' })
            continue
          }
          if (gap > 0) {
            expect(check).toMatchObject({ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
            continue
          }
          expect(check.type).toBe('next')
          batch.setBaseOffset(offset)
          state.apply(batch)
          known.set(producerId, {
            epoch,
            next: first + values.length,
            sent: [
              ...(isNewEpoch ? [] : producer.sent),
              { first, count: values.length, baseOffset: offset },
            ],
          })
          offset += values.length
        }
      }),
    )
  })

  it('is the same from a snapshot and the batches after it as from all batches (T2)', () => {
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 40 }), fc.nat(), (attempts, cutAt) => {
        const batches: RecordBatch[] = []
        const next = new Map<number, number>()
        let offset = 0
        for (const { producerId, count } of attempts) {
          const baseSequence = next.get(producerId) ?? 0
          const batch = new RecordBatch(
            batchOf({ values: Array.from({ length: count }, String), producerId, baseSequence }),
          )
          batch.setBaseOffset(offset)
          next.set(producerId, baseSequence + count)
          offset += count
          batches.push(batch)
        }
        const whole = newState()
        for (const batch of batches) whole.apply(batch)
        const cut = batches.length === 0 ? 0 : cutAt % batches.length
        const before = newState()
        for (const batch of batches.slice(0, cut)) before.apply(batch)
        const loaded = decodeProducerSnapshot(
          encodeProducerSnapshot([...before.entries()], crc32c),
          crc32c,
        )
        const resumed = newState()
        resumed.load(loaded ?? [])
        for (const batch of batches.slice(cut)) resumed.apply(batch)
        expect([...resumed.entries()]).toEqual([...whole.entries()])
      }),
    )
  })

  it('takes back appends as if they had never been', () => {
    const state = newState()
    const send = (baseSequence: number) =>
      new RecordBatch(batchOf({ values: ['a'], producerId: 1, baseSequence }))
    state.apply(send(0))
    const before = [...state.entries()]
    const [second, third] = [send(1), send(2)]
    const undoSecond = state.apply(second)
    const undoThird = state.apply(third)
    state.restore(1, undoThird)
    state.restore(1, undoSecond)
    expect([...state.entries()]).toEqual(before)
  })

  it('wraps sequences from 2147483647 to 0', () => {
    const state = newState()
    const send = (values: string[], baseSequence: number) =>
      new RecordBatch(batchOf({ values, producerId: 1, baseSequence }))
    state.apply(send(['a', 'b'], 2_147_483_646))
    expect(state.check(send(['c'], 0), 10).type).toBe('next')
    expect(state.check(send(['c'], 1), 10)).toMatchObject({ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
    expect(state.check(send(['z'], 5), 10)).toMatchObject({ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
  })

  it('fences an old epoch and demands sequence 0 of a new one', () => {
    const state = newState()
    const send = (producerEpoch: number, baseSequence: number) =>
      new RecordBatch(batchOf({ values: ['a'], producerId: 1, producerEpoch, baseSequence }))
    state.apply(send(3, 0))
    expect(state.check(send(2, 1), 10)).toMatchObject({ error: 'INVALID_PRODUCER_EPOCH' })
    expect(state.check(send(4, 1), 10)).toMatchObject({ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
    expect(state.check(send(4, 0), 10).type).toBe('next')
  })
})
