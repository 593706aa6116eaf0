import { describe, expect, it } from 'vitest'
import type { AbortedTransaction } from '../../../../packages/broker/src/log/aborted-transaction.ts'
import { TransactionIndex } from '../../../../packages/broker/src/log/transaction-index.ts'

/** `00000000000000001000.txnindex` as Kafka's own classes wrote it. */
const KAFKAS = Buffer.from(
  '0000000000000000109200000000000003e900000000000003f200000000000003f0' +
    '0000000000000000109300000000000003ea00000000000003fc00000000000003f7',
  'hex',
)

const first = { producerId: 4242, firstOffset: 1001, lastOffset: 1010, lastStableOffset: 1008 }
const second = { producerId: 4243, firstOffset: 1002, lastOffset: 1020, lastStableOffset: 1015 }

const indexOf = (...entries: AbortedTransaction[]) => {
  const index = new TransactionIndex(1000)
  for (const entry of entries) index.append(entry)
  return index
}

const collected = (index: TransactionIndex, offset: number, endOffset: number) => {
  const found: AbortedTransaction[] = []
  const end = index.collect(offset, endOffset, found)
  return { end, producers: found.map(({ producerId }) => producerId) }
}

describe('an index of aborted transactions', () => {
  it('is byte for byte what Kafka writes', () => {
    const { file } = indexOf(first, second)
    expect(file.bytes.subarray(0, file.sizeBytes)).toEqual(KAFKAS)
  })

  it('reads what Kafka wrote', () => {
    const index = new TransactionIndex(1000)
    expect(index.load(KAFKAS)).toBeUndefined()
    expect(index.entries()).toEqual([first, second])
  })

  it.each([
    ['half an entry', KAFKAS.subarray(0, 50)],
    ['entries in the wrong order', Buffer.concat([KAFKAS.subarray(34), KAFKAS.subarray(0, 34)])],
    ['a version of the future', Buffer.concat([Buffer.from([0, 1]), KAFKAS.subarray(2)])],
    ['a marker before the segment', Buffer.concat([Buffer.alloc(34), KAFKAS])],
  ])('does not believe %s', (_, content) => {
    expect(new TransactionIndex(1000).load(Buffer.from(content))).toBeDefined()
  })

  it('finds those with a record in a range, and says when there are no more', () => {
    const index = indexOf(first, second)
    expect(collected(index, 1000, 1005)).toEqual({ end: 'all', producers: [4242] })
    expect(collected(index, 1011, 1014)).toEqual({ end: 'all', producers: [4243] })
    expect(collected(index, 1000, 1012)).toEqual({ end: 'all', producers: [4242, 4243] })
    expect(collected(index, 1000, 1030)).toEqual({ end: 'maybe more', producers: [4242, 4243] })
    expect(collected(index, 1021, 1030)).toEqual({ end: 'maybe more', producers: [] })
  })
})
