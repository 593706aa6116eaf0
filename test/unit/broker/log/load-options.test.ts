import { describe, expect, it } from 'vitest'
import type { RecoveredEntry } from '../../../../packages/broker/src/log/journal/entry.ts'
import { durableEndOf } from '../../../../packages/broker/src/log/load-options.ts'
import { loadOptions } from '../../../support/log-parts.ts'

const place = (baseOffset: number, endOffset: number) => ({
  ...{ topicId: 'topic', partition: 0, leaderEpoch: 0, baseOffset, endOffset },
  ...{ segmentBaseOffset: 0, segmentPosition: 0, sizeBytes: 1 },
})
const bytes = (baseOffset: number, endOffset: number): RecoveredEntry => ({
  ...{ type: 'bytes', ...place(baseOffset, endOffset), read: async () => Buffer.alloc(1) },
})
const extent = (baseOffset: number, endOffset: number): RecoveredEntry => ({
  ...{ type: 'extent', ...place(baseOffset, endOffset) },
})

function endOf(
  recoveryPoint: number,
  durableOffset: number | undefined,
  entries: readonly RecoveredEntry[],
) {
  const recovered = { topicId: 'topic', partition: 0, durableOffset, entries }
  return durableEndOf(loadOptions({ recoveryPoint, recovered }))
}

describe('the durable end of a log', () => {
  it('is the recovery point where there is no journal', () => {
    expect(durableEndOf(loadOptions({ recoveryPoint: 12 }))).toBe(12)
  })

  it('is what the journal carries, or the recovery point, whichever lies further', () => {
    expect([endOf(12, 20, []), endOf(30, 20, []), endOf(12, undefined, [])]).toEqual([20, 30, 12])
  })

  it('goes on with the bytes that the journal holds', () => {
    expect(endOf(0, 10, [bytes(5, 8), bytes(8, 12), bytes(12, 15)])).toBe(15)
  })

  it('ends before a batch that the journal only knows of', () => {
    expect(endOf(0, 10, [bytes(10, 12), extent(12, 15), bytes(15, 20)])).toBe(12)
    expect(endOf(0, 15, [bytes(10, 12), extent(12, 15), bytes(15, 20)])).toBe(20)
  })
})
