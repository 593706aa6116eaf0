import { describe, expect, it } from 'vitest'
import {
  type CleanableView,
  cleanableRange,
} from '../../../../../packages/broker/src/log/compaction/cleanable-range.ts'
import { plainSettings } from '../../../../support/log-harness.ts'
import { diskWithFolder, segmentOf, singles } from '../../../../support/log-parts.ts'

/** Segments of two records each, whose times are 1000, 1000, 2000, 2000, ... The last is the active one. */
async function view(more: Partial<CleanableView> = {}): Promise<CleanableView> {
  const disk = await diskWithFolder()
  const segments = [0, 2, 4, 6].map(base =>
    segmentOf(disk, singles(base, ['a', 'b'], { timestamp: 1000 + base * 500 }), {
      baseOffset: base,
    }),
  )
  return {
    segments,
    settings: plainSettings,
    logStartOffset: 0,
    logEndOffset: 8,
    lastStableOffset: 8,
    recoveryPoint: 8,
    cleanedTo: undefined,
    now: 10_000,
    ...more,
  }
}

describe('what may be cleaned', () => {
  it('is all but the active segment', async () => {
    const range = await cleanableRange(await view())
    expect(range).toMatchObject({ firstDirtyOffset: 0, endOffset: 6, dirtyRatio: 1, cleanBytes: 0 })
  })

  it('begins where the last cleaning ended', async () => {
    const range = await cleanableRange(await view({ cleanedTo: 4 }))
    expect(range).toMatchObject({ firstDirtyOffset: 4, endOffset: 6 })
    expect(range.dirtyRatio).toBeCloseTo(1 / 3)
    for (const cleanedTo of [9, 100])
      expect((await cleanableRange(await view({ cleanedTo }))).firstDirtyOffset).toBe(0)
    const behind = await view({ cleanedTo: 1, logStartOffset: 3 })
    expect((await cleanableRange(behind)).firstDirtyOffset).toBe(3)
    expect((await cleanableRange(await view({ cleanedTo: 6 }))).dirtyBytes).toBe(0)
  })

  it('ends before an open transaction, what is not committed, and what is not synced', async () => {
    expect((await cleanableRange(await view({ lastStableOffset: 5 }))).endOffset).toBe(4)
    expect((await cleanableRange(await view({ lastStableOffset: 4 }))).endOffset).toBe(4)
    expect((await cleanableRange(await view({ recoveryPoint: 3 }))).endOffset).toBe(2)
    expect((await cleanableRange(await view({ lastStableOffset: 1 }))).dirtyBytes).toBe(0)
  })

  it('leaves young records alone, and hurries for old ones', async () => {
    const young = { ...plainSettings, minCompactionLagMs: 8000 }
    expect((await cleanableRange(await view({ settings: young }))).endOffset).toBe(4)
    const old = { ...plainSettings, maxCompactionLagMs: 8500 }
    expect((await cleanableRange(await view({ settings: old }))).isOverdue).toBe(true)
    expect((await cleanableRange(await view({ settings: old, cleanedTo: 2 }))).isOverdue).toBe(
      false,
    )
  })
})
