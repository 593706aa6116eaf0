import { crc32c, RecordBatch } from '@varve/protocol'
import { expect, it } from 'vitest'
import {
  type BatchBounds,
  flawOf,
} from '../../../../../packages/broker/src/log/verify/batch-rules.ts'
import { storedBatch } from '../../../../support/log-parts.ts'

const bounds: BatchBounds = {
  ...{ segmentBaseOffset: 10, nextOffset: 10, gapsTo: 0, endOffset: 20, leaderEpoch: 2 },
}
const batch = (baseOffset: number, partitionLeaderEpoch = 2) =>
  new RecordBatch(storedBatch({ values: ['a', 'b'], baseOffset, partitionLeaderEpoch }))
const flaw = (of: RecordBatch, more: Partial<BatchBounds> = {}): string | undefined =>
  flawOf(of, { ...bounds, ...more }, crc32c)?.about

it('lets a batch pass that follows the one before', () => {
  expect(flaw(batch(10))).toBeUndefined()
  expect(flaw(batch(18), { nextOffset: 18 })).toBeUndefined()
  expect(flaw(batch(10, 5))).toBeUndefined()
})

it('sees every byte that the checksum covers', () => {
  const damaged = batch(10)
  damaged.bytes[70] = 0xff
  expect(flaw(damaged)).toBe('its checksum is wrong')
})

it('sees offsets that do not follow each other (L4)', () => {
  expect(flaw(batch(9))).toBe('its base offset 9 was there before: 10 is next')
  expect(flaw(batch(11))).toBe('its base offset is 11: 10 is missing')
  expect(flaw(batch(11), { gapsTo: 11 })).toBeUndefined()
  expect(flaw(batch(11), { gapsTo: 20, endOffset: 12 })).toContain('lies beyond 12')
  expect(flaw(batch(2 ** 40), { gapsTo: 2 ** 41, endOffset: 2 ** 41 })).toContain('cannot be')
})

it('sees an epoch that goes back (L4)', () => {
  expect(flaw(batch(10, 1))).toBe('its leader epoch 1 goes back: 2 was before')
})
