import { expect, it } from 'vitest'
import {
  dumpOffsetIndex,
  dumpTimeIndex,
  dumpTransactionIndex,
} from '../../../../../packages/broker/src/log/dump/dump-indexes.ts'
import { OffsetIndex } from '../../../../../packages/broker/src/log/offset-index.ts'
import { TimeIndex } from '../../../../../packages/broker/src/log/time-index.ts'
import { TransactionIndex } from '../../../../../packages/broker/src/log/transaction-index.ts'

const contentOf = ({ file }: OffsetIndex | TimeIndex | TransactionIndex): Buffer =>
  Buffer.from(file.bytes.subarray(0, file.sizeBytes))

it('gives the entries with whole offsets', () => {
  const offsets = new OffsetIndex(100)
  offsets.append(105, 4000)
  offsets.append(109, 9000)
  expect([...dumpOffsetIndex(contentOf(offsets), 100)]).toEqual([
    { type: 'offset index', offset: 105, position: 4000 },
    { type: 'offset index', offset: 109, position: 9000 },
  ])
  const times = new TimeIndex(100)
  times.maybeAppend(7_000, 104)
  expect([...dumpTimeIndex(contentOf(times), 100)]).toEqual([
    { type: 'time index', timestamp: 7_000, offset: 104 },
  ])
  const transactions = new TransactionIndex(100)
  const aborted = { producerId: 3, firstOffset: 101, lastOffset: 104, lastStableOffset: 105 }
  transactions.append(aborted)
  expect([...dumpTransactionIndex(contentOf(transactions), 100)]).toEqual([
    { type: 'aborted transaction', ...aborted },
  ])
})

it('gives the entries of a damaged index, too, and says what is wrong', () => {
  const offsets = new OffsetIndex(0)
  offsets.append(9, 9000)
  offsets.append(5, 4000)
  const cutOff = Buffer.concat([contentOf(offsets), Buffer.alloc(3)])
  expect([...dumpOffsetIndex(cutOff, 0)].slice(1)).toEqual([
    { type: 'offset index', offset: 5, position: 4000 },
    { type: 'flaw', position: undefined, about: 'its entries do not grow' },
    { type: 'flaw', position: 16, about: 'the last entry is cut off' },
  ])
})
