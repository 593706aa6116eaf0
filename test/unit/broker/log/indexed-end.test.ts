import { expect, it } from 'vitest'
import { indexedEnd } from '../../../../packages/broker/src/log/indexed-end.ts'
import { TimeIndex } from '../../../../packages/broker/src/log/time-index.ts'
import { TransactionIndex } from '../../../../packages/broker/src/log/transaction-index.ts'

function endOf(timesTo: number | undefined, abortedTo: number | undefined): number {
  const times = new TimeIndex(10)
  const aborted = new TransactionIndex(10)
  if (timesTo !== undefined) times.maybeAppend(1_000, timesTo)
  if (abortedTo !== undefined)
    aborted.append({ producerId: 1, firstOffset: 10, lastOffset: abortedTo, lastStableOffset: 10 })
  return indexedEnd(times, aborted)
}

it('is behind the last record that either index of a segment speaks of', () => {
  expect(endOf(undefined, undefined)).toBe(0)
  expect(endOf(10, undefined)).toBe(11)
  expect(endOf(14, 12)).toBe(15)
  expect(endOf(undefined, 17)).toBe(18)
  expect(endOf(14, 17)).toBe(18)
})
