import { describe, expect, it } from 'vitest'
import { checkMarker } from '../../../../packages/broker/src/log/marker-check.ts'
import type { ProducerEntry } from '../../../../packages/broker/src/log/producer-state.ts'

const entry = (transactionFirstOffset: number): ProducerEntry => ({
  ...{ producerId: 7, producerEpoch: 4, batches: [], sequencesKnown: 0, lastTimestamp: 0 },
  ...{ coordinatorEpoch: 2, transactionFirstOffset, sweep: 0 },
})
const open = entry(10)
const idle = entry(-1)

const check = (
  known: ProducerEntry | undefined,
  producerEpoch: number,
  transactionVersion: number,
  coordinatorEpoch = 2,
) => {
  const marker = { producerId: 7, producerEpoch, coordinatorEpoch, transactionVersion }
  const result = checkMarker(known, { ...marker, result: 'abort' })
  return result.type === 'refused' ? result.error : result.type
}

describe('a marker', () => {
  it('is taken by a log that knows nothing of its producer', () => {
    expect(check(undefined, 0, 0)).toBe('next')
  })

  it('ends a transaction of its own epoch, and from version 2 on of the one before', () => {
    expect([check(open, 4, 0), check(open, 5, 0)]).toEqual(['next', 'next'])
    expect([check(open, 4, 2), check(open, 5, 2)]).toEqual(['INVALID_PRODUCER_EPOCH', 'next'])
  })

  it('is refused from an older epoch', () => {
    const errors = [check(open, 3, 0), check(idle, 3, 0), check(idle, 3, 2)]
    expect(errors).toEqual(Array(3).fill('INVALID_PRODUCER_EPOCH'))
  })

  it('that comes again ends nothing', () => {
    expect([check(idle, 4, 2), check(idle, 4, 0)]).toEqual(['repeated', 'repeated'])
  })

  it('fences where nothing is open, when its epoch or its coordinator is newer', () => {
    expect([check(idle, 5, 2), check(idle, 5, 0), check(idle, 4, 0, 3)]).toEqual(
      Array(3).fill('next'),
    )
  })

  it('of a coordinator that is past is refused', () => {
    expect(check(open, 4, 0, 1)).toBe('TRANSACTION_COORDINATOR_FENCED')
    expect(check(open, 5, 2, 1)).toBe('TRANSACTION_COORDINATOR_FENCED')
  })
})
