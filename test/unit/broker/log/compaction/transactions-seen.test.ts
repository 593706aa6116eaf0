import { RecordBatch } from '@varve/protocol'
import { expect, it } from 'vitest'
import { TransactionsSeen } from '../../../../../packages/broker/src/log/compaction/transactions-seen.ts'
import { bytesOf } from '../../../../support/compaction-log.ts'

const records = (producerId: number, isTransactional = true) =>
  new RecordBatch(
    bytesOf(
      {
        type: 'records',
        records: [{ key: 'k', value: 'v', timestamp: 1 }],
        ...{ producerId, isTransactional, baseSequence: 0 },
      },
      0,
    ),
  )
const marker = (producerId: number) =>
  new RecordBatch(bytesOf({ type: 'COMMIT', producerId, timestamp: 1 }, 1))

it('needs a marker as long as something of its transaction is there', () => {
  const seen = new TransactionsSeen()
  seen.sawRecords(records(1))
  seen.sawRecords(records(2, false))
  expect(seen.endedWithoutRecords(marker(2))).toBe(true)
  expect(seen.endedWithoutRecords(marker(1))).toBe(false)
  expect(seen.endedWithoutRecords(marker(1))).toBe(true)
})
