import { buildTransactionMarker, RecordBatch } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { ProducerQuota } from '../../../../packages/broker/src/log/producer-quota.ts'
import { ProducerState } from '../../../../packages/broker/src/log/producer-state.ts'
import { type StoredBatch, storedBatch } from '../../../support/log-parts.ts'

type Sent = Partial<StoredBatch> & { readonly count?: number }

function given(idsMax = 100) {
  const quota = new ProducerQuota({ idsMax, expirationMs: 100, sweepIntervalMs: 50 })
  const state = new ProducerState(quota)
  let nextOffset = 0
  const batchOf = ({ count = 1, ...sent }: Sent) => {
    const values = Array.from({ length: count }, () => 'x')
    const more = { producerId: 7, producerEpoch: 0, baseSequence: 0, ...sent }
    return new RecordBatch(storedBatch({ values, baseOffset: nextOffset, ...more }))
  }
  const apply = (sent: Sent) => {
    const batch = batchOf(sent)
    nextOffset = batch.lastOffset + 1
    return state.apply(batch)
  }
  const end = (type: 'ABORT' | 'COMMIT', producerId: number, producerEpoch = 0) => {
    const marker = { type, producerId, producerEpoch, coordinatorEpoch: 5, timestamp: 1_000 }
    const batch = new RecordBatch(buildTransactionMarker(marker, { baseOffset: nextOffset }))
    nextOffset++
    return state.apply(batch)
  }
  const check = (sent: Sent, committedOffset = nextOffset) =>
    state.check(batchOf(sent), committedOffset)
  /** Applies batches of one record, sequence after sequence. */
  const applyUpTo = (sequence: number) => {
    for (let baseSequence = 0; baseSequence <= sequence; baseSequence++) apply({ baseSequence })
  }
  return { quota, state, apply, end, check, applyUpTo, nextOffset: () => nextOffset }
}

const errorOf = (check: ReturnType<ProducerState['check']>) =>
  check.type === 'refused' ? check.error : check.type

describe('the state of a producer', () => {
  it('expects the sequence after the last', () => {
    const { apply, check } = given()
    apply({ count: 3 })
    const checks = [3, 4, 2, 99].map(baseSequence => errorOf(check({ baseSequence })))
    expect(checks[0]).toBe('next')
    expect(checks.slice(1)).toEqual(Array(3).fill('OUT_OF_ORDER_SEQUENCE_NUMBER'))
  })

  it('lets a producer that nobody knows begin anywhere', () => {
    expect(given().check({ baseSequence: 41 })).toEqual({ type: 'next' })
  })

  it('knows a batch of the last five again, by its first and last sequence, with its offsets', () => {
    const { applyUpTo, check } = given()
    applyUpTo(6)
    for (let baseSequence = 2; baseSequence <= 6; baseSequence++)
      expect(check({ baseSequence })).toMatchObject({
        type: 'duplicate',
        original: { baseOffset: baseSequence, lastOffset: baseSequence },
      })
    expect(errorOf(check({ baseSequence: 5, count: 2 }))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
  })

  it('calls an older batch a duplicate only when all before the remembered ones is committed (T1)', () => {
    const { applyUpTo, check } = given()
    applyUpTo(6)
    expect(errorOf(check({ baseSequence: 1 }))).toBe('DUPLICATE_SEQUENCE_NUMBER')
    expect(errorOf(check({ baseSequence: 1 }, 1))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
  })

  it('calls nothing a duplicate that lies before what it knows without a gap', () => {
    const { apply, check } = given()
    for (let baseSequence = 100; baseSequence < 107; baseSequence++) apply({ baseSequence })
    expect(errorOf(check({ baseSequence: 100 }))).toBe('DUPLICATE_SEQUENCE_NUMBER')
    expect(errorOf(check({ baseSequence: 99 }))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
  })

  it('wraps from the largest sequence to 0', () => {
    const { apply, check } = given()
    apply({ baseSequence: 2_147_483_646, count: 2 })
    expect(check({ baseSequence: 0 })).toEqual({ type: 'next' })
    expect(errorOf(check({ baseSequence: 1 }))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
  })

  it('fences an older epoch, and lets a newer one begin at 0 only', () => {
    const { apply, check } = given()
    apply({ producerEpoch: 3, baseSequence: 5 })
    expect(errorOf(check({ producerEpoch: 2, baseSequence: 6 }))).toBe('INVALID_PRODUCER_EPOCH')
    expect(errorOf(check({ producerEpoch: 4, baseSequence: 6 }))).toBe(
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
    )
    expect(check({ producerEpoch: 4, baseSequence: 0 })).toEqual({ type: 'next' })
    apply({ producerEpoch: 4, baseSequence: 0 })
    expect(errorOf(check({ producerEpoch: 3, baseSequence: 5 }))).toBe('INVALID_PRODUCER_EPOCH')
  })

  it('does not count what the epoch before sent among the duplicates of this one', () => {
    const { apply, check } = given()
    apply({ producerEpoch: 3, baseSequence: 0, count: 2 })
    apply({ producerEpoch: 4, baseSequence: 0 })
    expect(check({ producerEpoch: 4, baseSequence: 0 })).toMatchObject({
      original: { baseOffset: 2 },
    })
  })
})

describe('what is remembered of producers', () => {
  it('is limited: a new one is refused, a known one goes on', () => {
    const { apply, check } = given(1)
    apply({ producerId: 1 })
    expect(errorOf(check({ producerId: 2 }))).toBe('THROTTLING_QUOTA_EXCEEDED')
    expect(check({ producerId: 1, baseSequence: 1 })).toEqual({ type: 'next' })
  })

  it('is put back as it was, newest first', () => {
    const { state, quota, apply } = given()
    const first = apply({ count: 2 })
    const before = state.get(7)
    const second = apply({ baseSequence: 2 })
    state.restore(7, second)
    expect(state.get(7)).toBe(before)
    state.restore(7, first)
    expect([state.get(7), state.size, quota.count]).toEqual([undefined, 0, 0])
    state.restore(7, undefined)
    expect(quota.count).toBe(0)
  })

  it('goes when it was idle for long, but not while a transaction is open', () => {
    const { state, quota, apply } = given()
    apply({ producerId: 1 })
    apply({ producerId: 2, isTransactional: true })
    for (let sweep = 0; sweep < 2; sweep++) quota.nextSweep()
    apply({ producerId: 3 })
    state.expire()
    expect(state.size).toBe(3)
    quota.nextSweep()
    state.expire()
    expect([[...state.entries()].map(entry => entry.producerId), quota.count]).toEqual([[2, 3], 2])
  })

  it('is replaced by a snapshot, whose producers were used just now', () => {
    const { state, quota, apply } = given()
    apply({ producerId: 1 })
    const entries = [...state.entries()]
    for (let sweep = 0; sweep < 9; sweep++) quota.nextSweep()
    apply({ producerId: 2 })
    state.load(entries)
    state.expire()
    expect([[...state.entries()].map(entry => entry.producerId), quota.count]).toEqual([[1], 1])
  })

  it('is nothing after it was cleared, for the quota too', () => {
    const { state, quota, apply } = given()
    apply({ producerId: 1 })
    apply({ producerId: 2 })
    state.clear()
    expect([state.size, quota.count]).toEqual([0, 0])
  })
})

describe('the first unstable offset', () => {
  it('is that of the oldest transaction that is open', () => {
    const { state, apply, end, nextOffset } = given()
    apply({ producerId: 1 })
    expect(state.firstUnstableOffset()).toBeUndefined()
    apply({ producerId: 2, isTransactional: true })
    apply({ producerId: 3, isTransactional: true })
    apply({ producerId: 2, baseSequence: 1, isTransactional: true })
    expect(state.firstUnstableOffset()).toBe(1)
    end('COMMIT', 2)
    state.committedUpTo(nextOffset())
    expect(state.firstUnstableOffset()).toBe(2)
    end('ABORT', 3)
    state.committedUpTo(nextOffset())
    expect(state.firstUnstableOffset()).toBeUndefined()
  })

  it('stays at a transaction whose marker is not committed yet', () => {
    const { state, apply, end } = given()
    apply({ producerId: 2, isTransactional: true })
    end('COMMIT', 2)
    expect(state.firstOpenOffset()).toBeUndefined()
    state.committedUpTo(1)
    expect(state.firstUnstableOffset()).toBe(0)
    state.committedUpTo(2)
    expect(state.firstUnstableOffset()).toBeUndefined()
  })

  it('is what it was when a marker is taken back, and when a first batch is', () => {
    const { state, apply, end } = given()
    apply({ producerId: 2, isTransactional: true })
    const beforeOther = apply({ producerId: 3, isTransactional: true })
    const beforeMarker = end('ABORT', 2)
    state.restore(2, beforeMarker)
    expect([state.firstOpenOffset(), state.firstUnstableOffset()]).toEqual([0, 0])
    state.restore(3, beforeOther)
    state.committedUpTo(99)
    end('ABORT', 2)
    state.committedUpTo(99)
    expect(state.firstUnstableOffset()).toBeUndefined()
  })

  it('is in the snapshot that the state comes from', () => {
    const { state, apply } = given()
    apply({ producerId: 2, isTransactional: true })
    const again = given().state
    again.load(state.entries())
    expect(again.firstUnstableOffset()).toBe(0)
  })

  it('ends with a marker, whose newer epoch begins at sequence 0', () => {
    const { apply, end, check, state } = given()
    apply({ isTransactional: true, count: 3 })
    end('COMMIT', 7, 1)
    expect(state.get(7)).toMatchObject({ producerEpoch: 1, coordinatorEpoch: 5, batches: [] })
    expect(check({ producerEpoch: 1, baseSequence: 0 })).toEqual({ type: 'next' })
    expect(errorOf(check({ producerEpoch: 1, baseSequence: 3 }))).toBe(
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
    )
  })

  it('lets nothing else of a producer in between', () => {
    const { apply, check } = given()
    apply({ isTransactional: true })
    expect(errorOf(check({ baseSequence: 1 }))).toBe('INVALID_TXN_STATE')
    expect(errorOf(check({ baseSequence: 1, isTransactional: true }))).toBe('next')
  })

  it('does not change by a marker that compaction has emptied', () => {
    const { apply, state } = given()
    apply({ isTransactional: true })
    const before = state.get(7)
    apply({ count: 0, baseSequence: -1, isTransactional: true, isControl: true })
    expect(state.get(7)).toEqual(before)
  })
})
