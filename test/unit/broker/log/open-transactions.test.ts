import { describe, expect, it } from 'vitest'
import { OpenTransactions } from '../../../../packages/broker/src/log/open-transactions.ts'

function opened(...transactions: readonly (readonly [number, number])[]): OpenTransactions {
  const open = new OpenTransactions()
  for (const [producerId, firstOffset] of transactions) open.begin(producerId, firstOffset)
  return open
}
const offsetsOf = (open: OpenTransactions) => [open.firstOpenOffset, open.firstUnstableOffset]

describe('the open transactions of a log', () => {
  it('hold readers up where the oldest begins, however many end before it', () => {
    const open = opened([7, 10], [8, 20], [9, 30])
    open.end(8, 40)
    open.committedUpTo(41)
    expect([open.size, ...offsetsOf(open)]).toEqual([2, 10, 10])
    open.end(7, 50)
    open.committedUpTo(51)
    expect([open.size, ...offsetsOf(open)]).toEqual([1, 30, 30])
  })

  it('hold readers up until the marker is committed, and not only written', () => {
    const open = opened([7, 10])
    open.end(7, 15)
    expect(offsetsOf(open)).toEqual([undefined, 10])
    open.committedUpTo(15)
    expect(offsetsOf(open)).toEqual([undefined, 10])
    open.committedUpTo(16)
    expect(offsetsOf(open)).toEqual([undefined, undefined])
  })

  it('do not know a marker of a producer that has nothing open', () => {
    const open = opened([7, 10])
    open.end(8, 15)
    expect(offsetsOf(open)).toEqual([10, 10])
    open.end(7, 16)
    open.end(7, 17)
    open.committedUpTo(17)
    expect(offsetsOf(open)).toEqual([undefined, undefined])
  })

  it('are the oldest first again when a beginning or a marker is taken back', () => {
    const open = opened([7, 10], [8, 20])
    open.end(7, 30)
    open.begin(7, 31)
    open.undoBegin(7)
    expect([open.size, ...offsetsOf(open)]).toEqual([1, 20, 10])
    open.undoEnd(7, 10)
    expect([open.size, ...offsetsOf(open)]).toEqual([2, 10, 10])
    open.committedUpTo(31)
    expect(offsetsOf(open)).toEqual([10, 10])
  })

  it('are forgotten with the log', () => {
    const open = opened([7, 10], [8, 20])
    open.end(7, 30)
    open.clear()
    expect([open.size, ...offsetsOf(open)]).toEqual([0, undefined, undefined])
  })
})
