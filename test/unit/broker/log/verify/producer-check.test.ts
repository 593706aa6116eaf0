import { buildTransactionMarker, RecordBatch } from '@varve/protocol'
import { expect, it } from 'vitest'
import type { ProducerEntry } from '../../../../../packages/broker/src/log/producer-state.ts'
import {
  ProducerCheck,
  type ReplayStart,
} from '../../../../../packages/broker/src/log/verify/producer-check.ts'
import { storedBatch } from '../../../../support/log-parts.ts'

const data = (baseOffset: number, producerId: number, baseSequence: number) =>
  new RecordBatch(
    storedBatch({
      ...{ values: ['a', 'b'], baseOffset, producerId, producerEpoch: 0, baseSequence },
      isTransactional: true,
    }),
  )
const marker = (baseOffset: number, producerId: number, type: 'ABORT' | 'COMMIT') =>
  new RecordBatch(
    buildTransactionMarker(
      { type, producerId, producerEpoch: 0, coordinatorEpoch: 0, timestamp: 1 },
      { baseOffset, partitionLeaderEpoch: 0 },
    ),
  )
const START: ReplayStart = { entries: [], past: 'whole', cleanedTo: 0 }

function replayed(start: Partial<ReplayStart> = {}): ProducerCheck {
  const check = new ProducerCheck({ ...START, ...start })
  const batches = [data(0, 5, 0), data(2, 6, 0), marker(4, 5, 'ABORT'), data(5, 5, 2)]
  for (const batch of batches) check.pass(batch)
  return check
}
const aborted = { producerId: 5, firstOffset: 0, lastOffset: 4, lastStableOffset: 2 }
const entry = (producerId: number, more: Partial<ProducerEntry> = {}): ProducerEntry => ({
  ...{
    producerId,
    producerEpoch: 0,
    sequencesKnown: 2,
    lastTimestamp: 1,
    coordinatorEpoch: -1,
    sweep: 0,
  },
  transactionFirstOffset: producerId === 5 ? 5 : 2,
  batches: [
    producerId === 5
      ? { firstSequence: 2, lastSequence: 3, baseOffset: 5, lastOffset: 6, timestamp: 1 }
      : { firstSequence: 0, lastSequence: 1, baseOffset: 2, lastOffset: 3, timestamp: 1 },
  ],
  ...more,
})

it('holds the index of aborted transactions against the markers', () => {
  expect(replayed().endSegment(0, [aborted])).toBeUndefined()
  expect(replayed().endSegment(0, [])).toContain('does not name the transaction of producer 5')
  expect(replayed().endSegment(0, [aborted, { ...aborted, lastOffset: 9 }])).toContain(
    'was not aborted at offset 9',
  )
  expect(replayed().endSegment(0, [{ ...aborted, firstOffset: 1 }])).toContain('at offset 4')
})

it('holds a snapshot against the replay (T2)', () => {
  const flaw = (...found: ProducerEntry[]) => replayed().snapshotFlaw(found)
  expect(flaw(entry(5), entry(6))).toBeUndefined()
  expect(flaw(entry(5))).toContain('producer 6 has a transaction open since offset 2')
  expect(flaw(entry(5), entry(6), entry(7))).toBe('It knows producer 7, the log does not.')
  expect(flaw(entry(5, { producerEpoch: 1 }), entry(6))).toContain(
    'its epoch is 1; by the log it is 0',
  )
  expect(flaw(entry(5, { transactionFirstOffset: -1 }), entry(6))).toContain('first offset of its')
  expect(flaw(entry(5, { batches: entry(6).batches }), entry(6))).toContain('its last offset is 3')
})

it('is content with what it cannot know: a past that is gone, records that were cleaned', () => {
  const gone = replayed({ past: 'part' })
  expect(gone.snapshotFlaw([entry(5), entry(6), entry(7)])).toBeUndefined()
  expect(gone.endSegment(0, [])).toBeUndefined()
  expect(replayed({ cleanedTo: 7 }).endSegment(0, [])).toBeUndefined()
  expect(replayed({ cleanedTo: 7 }).snapshotFlaw([entry(5), entry(6), entry(7)])).toBeUndefined()
})

it('holds the last batches of producers against the replay, as far as they are known', () => {
  const batch = (baseOffset: number, firstSequence: number) => ({
    ...{ baseOffset, lastOffset: baseOffset + 1, timestamp: 1 },
    ...{ firstSequence, lastSequence: firstSequence + 1 },
  })
  const flaw = (start: Partial<ReplayStart>, ...batches: ReturnType<typeof batch>[]) =>
    replayed(start).sequencesFlaw(new Map([[5, { batches }]]))
  expect(flaw({}, batch(0, 0), batch(5, 2))).toBeUndefined()
  expect(flaw({}, batch(5, 2))).toBeUndefined()
  expect(flaw({})).toBeUndefined()
  expect(flaw({}, batch(0, 0))).toContain(
    'does not know the record batch of producer 5 at offset 5',
  )
  expect(flaw({}, batch(0, 1), batch(5, 2))).toContain('at offset 0 with the sequences 0 to 1')
  expect(flaw({}, batch(3, 0), batch(5, 2))).toContain('at offset 3 with the sequences 0 to 1')
  expect(flaw({ cleanedTo: 7 }, batch(3, 0), batch(5, 2))).toBeUndefined()
  expect(flaw({ past: 'part' }, batch(3, 0), batch(5, 2))).toBeUndefined()
})
