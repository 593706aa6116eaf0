import { describe, expect, it } from 'vitest'
import {
  baseOffsetAt,
  batchSizeAt,
  hasHeaderAt,
  lastOffsetAt,
} from '../../../../packages/broker/src/log/batch-position.ts'
import { storedBatch } from '../../../support/log-parts.ts'

describe('the position of a batch', () => {
  const first = storedBatch({ values: ['a'], baseOffset: 3 })
  const second = storedBatch({ values: ['b', 'c', 'd'], baseOffset: 5_000_000_000 })
  const bytes = Buffer.concat([first, second])
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

  it('says where the batch ends, also in the middle of a buffer', () => {
    expect(batchSizeAt(view, 0)).toBe(first.length)
    expect(batchSizeAt(view, first.length)).toBe(second.length)
  })

  it('says its offsets, beyond 32 bits too', () => {
    expect([baseOffsetAt(view, 0), lastOffsetAt(view, 0)]).toEqual([3, 3])
    const at = first.length
    expect([baseOffsetAt(view, at), lastOffsetAt(view, at)]).toEqual([5_000_000_000, 5_000_000_002])
  })

  it('has a header when its 61 bytes end at the end, and not with one less', () => {
    expect([hasHeaderAt(10, 71), hasHeaderAt(10, 70)]).toEqual([true, false])
  })
})
