import { expect, it } from 'vitest'
import type { LoadOptions } from '../../../../../packages/broker/src/log/load-options.ts'
import { segmentsOf } from '../../../../../packages/broker/src/log/verify/placed-segments.ts'
import { loadOptions } from '../../../../support/log-parts.ts'

const named = (baseOffset: number) => ({ baseOffset, name: `${baseOffset}.log` })

/** A folder with segments of these base offsets, as a start with these options would see it. */
function placed(
  filled: readonly number[],
  empty: readonly number[],
  options: Partial<LoadOptions> & { readonly kind?: 'metadata' } = {},
) {
  const { kind = 'partition', ...more } = options
  const files = new Map([['log' as const, [...filled, ...empty].sort((one, two) => one - two)]])
  const found = segmentsOf(
    {
      ...{ segments: filled.map(named), empty: empty.map(named), files },
      ...{ leftovers: [], damaged: [] },
    },
    { ...loadOptions(more), kind },
  )
  return {
    bases: found.segments.map(({ baseOffset }) => baseOffset),
    isStartLost: found.isStartLost,
    end: found.emptyEnd?.baseOffset,
  }
}

it('passes over empty segments that say nothing', () => {
  expect(placed([0, 5], [3, 9])).toEqual({ bases: [0, 5], isStartLost: false, end: undefined })
})

it('takes one where there is no other: after a crash the first, else the last', () => {
  expect(placed([], [3, 9])).toEqual({ bases: [3], isStartLost: false, end: undefined })
  expect(placed([], [3, 9], { lastStop: 'clean' }).bases).toEqual([9])
  expect(placed([], []).bases).toEqual([])
})

it('begins with an empty one at which a start ends the log', () => {
  expect(placed([5], [3])).toEqual({ bases: [3, 5], isStartLost: true, end: undefined })
  expect(placed([5], [3, 4], { recoveryPoint: 4 }).bases).toEqual([4, 5])
  for (const nothingLost of [
    { recoveryPoint: 5 },
    { lastStop: 'clean' },
    { kind: 'metadata' },
  ] as const)
    expect(placed([5], [3], nothingLost)).toMatchObject({ bases: [5], isStartLost: false })
})

it('sees an end in an empty one at the recovery point, behind all others', () => {
  expect(placed([0], [9], { recoveryPoint: 9 }).end).toBe(9)
  expect(placed([0], [9], { recoveryPoint: 8 }).end).toBeUndefined()
  expect(placed([0, 12], [9], { recoveryPoint: 9 }).end).toBeUndefined()
})

it('adds the segments that the journal will make again, but for those before the first file', () => {
  const entry = (segmentBaseOffset: number) =>
    ({
      type: 'bytes',
      ...{ topicId: 't', partition: 0, leaderEpoch: 0, baseOffset: 3, endOffset: 5 },
      ...{ segmentBaseOffset, segmentPosition: 0, sizeBytes: 9, read: async () => Buffer.alloc(9) },
    }) as const
  const recovered = {
    ...{ topicId: 't', partition: 0, durableOffset: 5 },
    entries: [1, 3, 7].map(entry),
  }
  expect(placed([5], [3], { recovered })).toMatchObject({ bases: [3, 5, 7], isStartLost: false })
})
