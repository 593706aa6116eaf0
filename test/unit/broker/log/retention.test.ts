import { describe, expect, it } from 'vitest'
import {
  expiredSegmentCount,
  type RetentionView,
} from '../../../../packages/broker/src/log/retention.ts'
import { Segment } from '../../../../packages/broker/src/log/segment.ts'
import { plainSettings } from '../../../support/log-harness.ts'
import { diskWithFolder, FOLDER, segmentOf, singles } from '../../../support/log-parts.ts'

const NOW = 100_000
const CREATED = 500

/** Three segments of two records each, with these times; the high watermark is at the end. */
async function given(
  timestamps: readonly number[],
  settings: Partial<typeof plainSettings>,
  more: Partial<RetentionView> = {},
) {
  const disk = await diskWithFolder()
  const segments = timestamps.map((timestamp, index) =>
    segmentOf(disk, singles(index * 2, ['a', 'b'], { timestamp }), { baseOffset: index * 2 }),
  )
  return expiredSegmentCount({
    segments,
    settings: { ...plainSettings, ...settings },
    logStartOffset: 0,
    logEndOffset: segments.length * 2,
    highWatermark: segments.length * 2,
    now: NOW,
    ...more,
  })
}

const old = [10_000, 20_000, 30_000]
const forever = { retentionMs: -1, retentionBytes: -1 }

describe('retention', () => {
  it('keeps everything when nothing is limited', async () => {
    expect(await given(old, forever)).toBe(0)
  })

  it('gives up segments whose newest record is older than the limit, up to the first that is not', async () => {
    expect(await given(old, { retentionMs: 79_999 })).toBe(2)
    expect(await given(old, { retentionMs: 80_000 })).toBe(1)
    expect(await given([10_000, 95_000, 10_000], { retentionMs: 50_000 })).toBe(1)
    expect(await given(old, { retentionMs: 0 })).toBe(3)
  })

  it('goes by age and size where the policy is delete, alone or beside compact, and never by compact alone', async () => {
    for (const limits of [{ retentionMs: 79_999 }, { retentionBytes: 1 }]) {
      const count = async (...cleanupPolicy: ('compact' | 'delete')[]) =>
        given(old, { ...forever, ...limits, cleanupPolicy })
      expect(await count('delete')).toBe(2)
      expect(await count('compact', 'delete')).toBe(2)
      expect(await count('compact')).toBe(0)
    }
    const before = { logStartOffset: 4 }
    expect(await given(old, { ...forever, cleanupPolicy: ['compact'] }, before)).toBe(2)
  })

  it('goes by when a segment was made if its records have no time', async () => {
    expect(await given([-1, -1, 95_000], { retentionMs: NOW - CREATED })).toBe(0)
    expect(await given([-1, -1, 95_000], { retentionMs: NOW - CREATED - 1 })).toBe(2)
  })

  it('does not give up an active segment with nothing in it, however old', async () => {
    const disk = await diskWithFolder()
    const empty = new Segment(disk, FOLDER, {
      ...{ baseOffset: 2, sizeBytes: 0, createdMs: 0, isNew: 'yes' },
    })
    const segments = [segmentOf(disk, singles(0, ['a', 'b'])), empty]
    const view = { segments, logEndOffset: 2, highWatermark: 2 }
    expect(await given([], { retentionMs: 0 }, view)).toBe(1)
  })

  it('stops at the high watermark (L10)', async () => {
    expect(await given(old, { retentionMs: 0 }, { highWatermark: 5 })).toBe(2)
    expect(await given(old, { retentionMs: 0 }, { highWatermark: 3 })).toBe(1)
    expect(await given(old, { retentionBytes: 0 }, { highWatermark: 3 })).toBe(1)
  })

  it('keeps no less than the limit in bytes, and the active segment always', async () => {
    const disk = await diskWithFolder()
    const { sizeBytes } = segmentOf(disk, singles(0, ['a', 'b']))
    expect(await given(old, { retentionBytes: 3 * sizeBytes })).toBe(0)
    expect(await given(old, { retentionBytes: 2 * sizeBytes + 1 })).toBe(0)
    expect(await given(old, { retentionBytes: 2 * sizeBytes })).toBe(1)
    expect(await given(old, { retentionBytes: 0 })).toBe(2)
  })

  it('gives up what lies before the start of the log, but not the active segment', async () => {
    expect(await given(old, forever, { logStartOffset: 3 })).toBe(1)
    expect(await given(old, forever, { logStartOffset: 4 })).toBe(2)
    expect(await given(old, forever, { logStartOffset: 6 })).toBe(2)
  })

  it.each([[['compact'] as const], [[] as const]])(
    'with the policy %j limits nothing, but deletes what lies before the start',
    async cleanupPolicy => {
      const settings = { cleanupPolicy, retentionMs: 0, retentionBytes: 0 }
      expect(await given(old, settings)).toBe(0)
      expect(await given(old, settings, { logStartOffset: 4 })).toBe(2)
    },
  )

  it('reads the time of a segment that it does not know yet', async () => {
    const disk = await diskWithFolder()
    const known = segmentOf(disk, singles(0, ['a', 'b'], { timestamp: 95_000 }))
    const { sizeBytes } = known
    const unknown = new Segment(disk, FOLDER, {
      ...{ baseOffset: 0, sizeBytes, createdMs: 0, isNew: 'no' },
    })
    const active = segmentOf(disk, singles(2, ['c']), { baseOffset: 2 })
    const view = { segments: [unknown, active], logEndOffset: 3, highWatermark: 3 }
    expect(await given([], { retentionMs: 50_000 }, view)).toBe(0)
    expect(unknown.maxTimestamp).toBe(95_000)
  })
})
