import { RecordBatch } from '@varve/protocol'
import { expect, it } from 'vitest'
import { entryOf } from '../../../../packages/broker/src/log/segment-entry.ts'
import { storedBatch } from '../../../support/log-parts.ts'

it('has the times of records, and none of a batch that compaction has emptied', () => {
  const bytes = storedBatch({ values: ['a', 'b'], baseOffset: 4 })
  const { length: sizeBytes } = bytes
  const place = { baseOffset: 4, lastOffset: 5, sizeBytes }
  expect(entryOf(new RecordBatch(bytes))).toEqual({ ...place, maxTimestamp: 1000 })
  bytes.writeInt32BE(0, 57)
  expect(entryOf(new RecordBatch(bytes))).toEqual({ ...place, maxTimestamp: -1 })
})
