import { BatchBuilder, buildTransactionMarker, crc32c, RecordBatch } from '@varve/protocol'
import { expect, it } from 'vitest'
import { markerIn } from '../../../../packages/broker/src/log/aborted-transaction.ts'

const producer = { producerId: 7, producerEpoch: 4 }

function control(type: number, value: Buffer | null): RecordBatch {
  const key = Buffer.from([0, 0, 0, type])
  const builder = new BatchBuilder()
  builder.append({ key, value, timestamp: 1000 })
  return new RecordBatch(builder.build({ ...producer, baseSequence: -1, isControl: true }))
}

it.each(['COMMIT', 'ABORT'] as const)('reads a %s with the epoch of its coordinator', type => {
  const marker = { ...producer, type, coordinatorEpoch: 300, timestamp: 1000 }
  const batch = new RecordBatch(buildTransactionMarker(marker, { crc32c }))
  expect(markerIn(batch)).toEqual({ type, coordinatorEpoch: 300 })
})

it('finds no marker in other control records', () => {
  expect(markerIn(control(2, Buffer.alloc(6)))).toBeUndefined()
  expect(markerIn(control(99, Buffer.alloc(6)))).toBeUndefined()
})

it('finds no marker in a batch that compaction has emptied', () => {
  const empty = new BatchBuilder().build({ ...producer, baseSequence: -1, isControl: true })
  expect(markerIn(new RecordBatch(empty))).toBeUndefined()
})
