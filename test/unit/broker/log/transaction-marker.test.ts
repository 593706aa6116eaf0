import { controlRecordsOf, crc32c, markerCoordinatorEpoch, RecordBatch } from '@varve/protocol'
import { expect, it } from 'vitest'
import { markerBatch } from '../../../../packages/broker/src/log/transaction-marker.ts'

it.each([
  ['commit', 'COMMIT'],
  ['abort', 'ABORT'],
] as const)('writes a %s as the control batch that a reader knows as %s', (result, type) => {
  const marker = { producerId: 7, producerEpoch: 4, coordinatorEpoch: 3, transactionVersion: 2 }
  const batch = new RecordBatch(markerBatch({ ...marker, result }, 1234, crc32c))
  expect(batch.crcIsValid(crc32c)).toBe(true)
  expect([batch.isControl, batch.isTransactional, batch.recordsCount]).toEqual([true, true, 1])
  expect([batch.producerId, batch.producerEpoch, batch.baseSequence]).toEqual([7, 4, -1])
  expect(batch.maxTimestamp).toBe(1234)
  const records = [...controlRecordsOf(batch)]
  expect(records.map(record => [record.type, markerCoordinatorEpoch(record)])).toEqual([[type, 3]])
})
