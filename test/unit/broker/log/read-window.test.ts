import { batchesOf } from '@varve/protocol'
import { expect, it } from 'vitest'
import type { ReadResult } from '../../../../packages/broker/src/log/read-result.ts'
import { ReadWindow } from '../../../../packages/broker/src/log/read-window.ts'
import { singles } from '../../../support/log-parts.ts'

function given() {
  const batches = singles(10, ['a', 'b', 'c', 'd'])
  const bytes = Buffer.concat(batches)
  const told = { releases: 0 }
  const release = () => void told.releases++
  const window = new ReadWindow(10, { parts: [bytes], sizeBytes: bytes.length, release })
  const batchBytes = batches[0]?.length ?? 0
  const take = (maxBytes: number, more = {}): ReadResult | undefined =>
    window.take({ offset: 10, endOffset: 99, maxBytes, firstBatchWhole: false, ...more })
  return { window, told, batchBytes, take }
}

const offsetsIn = (read: ReadResult | undefined): number[] =>
  [...batchesOf(Buffer.concat(read?.parts ?? []))].map(({ baseOffset }) => baseOffset)

it('gives whole batches away in order, each once', () => {
  const { window, batchBytes, take } = given()
  expect(offsetsIn(take(2 * batchBytes + 5))).toEqual([10, 11])
  expect([window.nextOffset, window.isUsedUp]).toEqual([12, false])
  expect(offsetsIn(take(1_000_000))).toEqual([12, 13])
  expect([window.nextOffset, window.isUsedUp, take(1_000_000)]).toEqual([14, true, undefined])
})

it('gives nothing beyond the end that is asked for, and no first batch in pieces', () => {
  const { window, take } = given()
  expect(offsetsIn(take(1_000_000, { endOffset: 11 }))).toEqual([10])
  expect(take(1_000_000, { endOffset: 11 })?.sizeBytes).toBe(0)
  expect(take(5)?.sizeBytes).toBe(0)
  expect([offsetsIn(take(5, { firstBatchWhole: true })), window.nextOffset]).toEqual([[11], 12])
})

it('gives its bytes back when nobody has any of them any more (L8)', () => {
  const { window, told, batchBytes, take } = given()
  const pieces = [take(batchBytes), take(batchBytes)]
  window.drop()
  expect([take(batchBytes), told.releases]).toEqual([undefined, 0])
  pieces[0]?.release?.()
  pieces[0]?.release?.()
  expect(told.releases).toBe(0)
  pieces[1]?.release?.()
  expect(told.releases).toBe(1)
})

it('is used up from the beginning when nothing was read', () => {
  expect(new ReadWindow(10, { parts: [], sizeBytes: 0 }).isUsedUp).toBe(true)
})
