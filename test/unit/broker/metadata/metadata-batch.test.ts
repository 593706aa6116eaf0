import { RecordBatch } from '@varve/protocol'
import { expect, it } from 'vitest'
import {
  changesOf,
  metadataBatch,
} from '../../../../packages/broker/src/metadata/metadata-batch.ts'
import { newTopic } from '../../../support/metadata-image.ts'

it('holds a proposal as one batch', () => {
  const changes = newTopic('orders', 3)
  const batch = new RecordBatch(
    metadataBatch(changes, { baseOffset: 7, leaderEpoch: 2, timestamp: 5 }),
  )
  expect([
    batch.baseOffset,
    batch.lastOffset,
    batch.partitionLeaderEpoch,
    batch.maxTimestamp,
  ]).toEqual([7, 10, 2, 5])
  expect(changesOf(batch)).toEqual(changes)
})
