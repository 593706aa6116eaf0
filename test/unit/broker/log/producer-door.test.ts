import { buildTransactionMarker, RecordBatch } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { AppendOptions } from '../../../../packages/broker/src/log/append.ts'
import {
  checkProducer,
  needsVerification,
  resultOf,
} from '../../../../packages/broker/src/log/producer-door.ts'
import { ProducerQuota } from '../../../../packages/broker/src/log/producer-quota.ts'
import { ProducerState } from '../../../../packages/broker/src/log/producer-state.ts'
import { Verifications } from '../../../../packages/broker/src/log/verifications.ts'
import { type StoredBatch, storedBatch } from '../../../support/log-parts.ts'

const sent = (baseSequence: number, more: Partial<StoredBatch> = {}): RecordBatch =>
  new RecordBatch(
    storedBatch({
      ...{ values: ['x'], baseOffset: 0, producerId: 7, producerEpoch: 2, baseSequence },
      isTransactional: true,
      ...more,
    }),
  )
const proof = { producerId: 7, producerEpoch: 2, mode: 'verify' } as const

function given(...log: readonly RecordBatch[]) {
  const quota = new ProducerQuota({ idsMax: 100, expirationMs: 100, sweepIntervalMs: 50 })
  const producers = new ProducerState(quota)
  const verifications = new Verifications()
  for (const batch of log) producers.apply(batch)
  const door = { producers, verifications, ackableEnd: 100 }
  const check = (batch: RecordBatch, how: Omit<AppendOptions, 'now'> = {}) => {
    const result = checkProducer(batch, { now: 1000, ...how }, door)
    return result.type === 'refused' ? result.error : result.type
  }
  return { door, verifications, check }
}

describe('a batch that begins a transaction', () => {
  it('comes in with the proof of its own producer and epoch, as long as that is good (T7)', () => {
    const { verifications, check } = given()
    expect(check(sent(0))).toBe('INVALID_TXN_STATE')
    const verification = verifications.begin(proof, 0, 0)
    expect(check(sent(0), { verification })).toBe('next')
    expect(check(sent(0), { verification: { ...proof } })).toBe('INVALID_TXN_STATE')
    expect(check(sent(0, { producerId: 8 }), { verification })).toBe('INVALID_TXN_STATE')
    expect(check(sent(0, { producerEpoch: 3 }), { verification })).toBe('INVALID_TXN_STATE')
    verifications.end(7)
    expect(check(sent(0), { verification })).toBe('INVALID_TXN_STATE')
    expect(check(sent(0), { verification: 'off' })).toBe('next')
  })

  it('does not overtake an earlier one of a producer that the log does not know', () => {
    const { verifications, check } = given()
    const verification = verifications.begin(proof, 40, 0)
    verifications.begin(proof, 43, 0)
    expect(check(sent(43), { verification })).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
    expect(check(sent(40), { verification })).toBe('next')
    const added = verifications.begin({ ...proof, mode: 'add' }, 40, 0)
    expect(check(sent(40), { verification: added })).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
    expect(check(sent(0), { verification: added })).toBe('next')
  })

  it('is one for the coordinator to be asked about, even when it comes early', () => {
    const { door } = given(sent(0, { isTransactional: false }))
    expect(needsVerification(sent(1), door)).toBe(true)
    expect(needsVerification(sent(5), door)).toBe(true)
    expect(needsVerification(sent(0), door)).toBe(false)
    expect(needsVerification(sent(1, { producerEpoch: 1 }), door)).toBe(false)
    expect(needsVerification(sent(1, { isTransactional: false }), door)).toBe(false)
  })
})

it('asks nothing of a batch whose transaction is open, until its marker is there', () => {
  const open = given(sent(0))
  expect([open.check(sent(1)), needsVerification(sent(1), open.door)]).toEqual(['next', false])
  const marker = { type: 'COMMIT', producerId: 7, producerEpoch: 2, coordinatorEpoch: 5 } as const
  const end = buildTransactionMarker({ ...marker, timestamp: 1000 }, { baseOffset: 1 })
  const ended = given(sent(0), new RecordBatch(end))
  expect(ended.check(sent(1))).toBe('INVALID_TXN_STATE')
  expect(needsVerification(sent(1), ended.door)).toBe(true)
})

it('looks at the epoch alone of what a coordinator writes', () => {
  const { check } = given(sent(0, { isTransactional: false }))
  const plain = { isTransactional: false }
  expect(check(sent(-1, plain))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
  expect(check(sent(-1, plain), { origin: 'coordinator' })).toBe('next')
  const older = sent(-1, { ...plain, producerEpoch: 1 })
  expect(check(older, { origin: 'coordinator' })).toBe('INVALID_PRODUCER_EPOCH')
})

it('answers what is there already with its place, and its time where the log stamps it', () => {
  const { door } = given(sent(0, { baseOffset: 30, values: ['x', 'y'], timestamp: 1234 }))
  const again = checkProducer(sent(0, { values: ['x', 'y'] }), { now: 2000 }, door)
  const place = { outcome: 'duplicate', baseOffset: 30, lastOffset: 31 }
  expect(resultOf(again, 'CreateTime')).toEqual({ ...place, logAppendTimeMs: -1 })
  expect(resultOf(again, 'LogAppendTime')).toEqual({ ...place, logAppendTimeMs: 1234 })
  expect(resultOf({ type: 'next' }, 'CreateTime')).toBeUndefined()
})
