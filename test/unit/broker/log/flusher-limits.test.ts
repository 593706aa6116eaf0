import { expect, it } from 'vitest'
import { defaultFlusherLimits } from '../../../../packages/broker/src/log/flusher-limits.ts'

it('syncs a few logs by their own limits before all together hold anybody back', () => {
  const { unsyncedBytes, writeBackBytes, unsyncedTotalBytes, syncsAtOnce } = defaultFlusherLimits
  expect(writeBackBytes).toBeLessThanOrEqual(unsyncedBytes)
  expect(unsyncedBytes * syncsAtOnce).toBeLessThan((unsyncedTotalBytes ?? 0) / 2)
})
