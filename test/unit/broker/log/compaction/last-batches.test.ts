import { RecordBatch } from '@varve/protocol'
import { expect, it } from 'vitest'
import { LastBatches } from '../../../../../packages/broker/src/log/compaction/last-batches.ts'
import type { ProducerEntry } from '../../../../../packages/broker/src/log/producer-state.ts'
import { bytesOf } from '../../../../support/compaction-log.ts'

const entry = (producerId: number, lastOffsets: readonly number[]): ProducerEntry => ({
  ...{ producerId, producerEpoch: 0, sequencesKnown: 1, lastTimestamp: 1, coordinatorEpoch: 0 },
  ...{ transactionFirstOffset: -1, sweep: 0 },
  batches: lastOffsets.map(lastOffset => ({
    ...{ firstSequence: 0, lastSequence: 0, baseOffset: lastOffset, lastOffset, timestamp: 1 },
  })),
})
const records = (producerId: number, offset: number) =>
  new RecordBatch(
    bytesOf(
      {
        type: 'records',
        records: [{ key: 'k', value: 'v', timestamp: 1 }],
        ...{ producerId, baseSequence: 0 },
      },
      offset,
    ),
  )
const marker = (producerId: number, offset: number) =>
  new RecordBatch(bytesOf({ type: 'COMMIT', producerId, timestamp: 1 }, offset))

it('names the newest batch of a producer, and the newest that cannot be taken back', () => {
  const last = new LastBatches([entry(1, [3, 5, 9])], 9, new Map())
  expect([3, 5, 9].map(offset => last.include(records(1, offset)))).toEqual([false, true, true])
  expect(last.include(records(2, 5))).toBe(false)
  expect(last.include(marker(1, 5))).toBe(false)
})

it('names the newest marker of a producer of which no sequence is known', () => {
  const last = new LastBatches([entry(1, []), entry(2, [])], 100, new Map([[1, 7]]))
  expect([5, 7].map(offset => last.include(marker(1, offset)))).toEqual([false, true])
  expect(last.include(marker(2, 5))).toBe(true)
})
