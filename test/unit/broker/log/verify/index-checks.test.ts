import { expect, it } from 'vitest'
import { OffsetIndex } from '../../../../../packages/broker/src/log/offset-index.ts'
import { TimeIndex } from '../../../../../packages/broker/src/log/time-index.ts'
import {
  OffsetIndexCheck,
  TimeIndexCheck,
} from '../../../../../packages/broker/src/log/verify/index-checks.ts'

/** Batches of two offsets and 100 bytes, each 10 ms after the one before. */
const batches = Array.from({ length: 5 }, (_, index) => ({
  position: index * 100,
  baseOffset: 50 + index * 2,
  lastOffset: 51 + index * 2,
  maxTimestamp: 1000 + index * 10,
}))

function offsetFlaw(...entries: readonly [offset: number, position: number][]): string | undefined {
  const index = new OffsetIndex(50)
  for (const [offset, position] of entries) index.append(offset, position)
  const check = new OffsetIndexCheck(index)
  for (const batch of batches) check.pass(batch)
  check.end()
  return check.flaw
}

function timeFlaw(...entries: readonly [timestamp: number, offset: number][]): string | undefined {
  const index = new TimeIndex(50)
  for (const [timestamp, offset] of entries) index.maybeAppend(timestamp, offset)
  const check = new TimeIndexCheck(index)
  for (const batch of batches) check.pass(batch)
  check.end()
  return check.flaw
}

it('lets an offset index pass that leads to or before what is looked for', () => {
  expect(offsetFlaw([53, 100], [57, 300])).toBeUndefined()
  // Kafka names the last offset of an append of several batches, and where the first begins.
  expect(offsetFlaw([57, 100])).toBeUndefined()
  expect(offsetFlaw()).toBeUndefined()
})

it('finds an offset index that leads past what is looked for, or nowhere', () => {
  expect(offsetFlaw([51, 100])).toBe(
    'It leads from offset 51 to position 100, where offset 52 begins.',
  )
  expect(offsetFlaw([53, 101])).toContain('position 101, where no record batch begins')
  expect(offsetFlaw([53, 100], [70, 900])).toContain('position 900, where no record batch begins')
})

it('lets a time index pass whose entries are newer than all before them', () => {
  expect(timeFlaw([1010, 53], [1040, 59])).toBeUndefined()
  expect(timeFlaw([1040, 59])).toBeUndefined()
})

it('finds a time index that hides records, or ends before the newest', () => {
  expect(timeFlaw([1005, 53], [1040, 59])).toBe(
    'It says that nothing up to offset 53 is newer than 1005, but a record of 1010 is.',
  )
  expect(timeFlaw([1010, 53])).toBe('Its newest timestamp is 1010, that of the segment 1040.')
  expect(timeFlaw()).toContain('newest timestamp is -1')
})
