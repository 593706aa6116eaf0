import { expect, it } from 'vitest'
import { rollAfterMs } from '../../../../packages/broker/src/log/log-settings.ts'
import { plainSettings } from '../../../support/log-harness.ts'

const settings = { ...plainSettings, segmentMs: 1000, maxCompactionLagMs: 400 }

it('rolls a compacted segment before its records have waited too long for compaction (KIP-354)', () => {
  expect(rollAfterMs({ ...settings, cleanupPolicy: ['compact'] })).toBe(400)
  expect(rollAfterMs({ ...settings, cleanupPolicy: ['delete', 'compact'] })).toBe(400)
})

it('rolls by segment.ms where that is sooner, or nothing is compacted', () => {
  const cleanupPolicy = ['compact'] as const
  expect(rollAfterMs({ ...settings, cleanupPolicy, maxCompactionLagMs: 5000 })).toBe(1000)
  expect(rollAfterMs({ ...settings, cleanupPolicy: ['delete'] })).toBe(1000)
  expect(rollAfterMs({ ...settings, cleanupPolicy: [] })).toBe(1000)
})
