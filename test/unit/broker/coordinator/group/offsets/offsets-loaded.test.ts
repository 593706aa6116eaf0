import { describe, expect, it } from 'vitest'
import { GroupShard } from '../../../../../support/group-shard.ts'

describe('offsetsLoaded', () => {
  it('looks for expired offsets again and again, from then on', () => {
    const shard = new GroupShard({ offsetsRetentionCheckIntervalMs: 500 })
    const due = (): number => (shard.timers.get('offsets/expire')?.atMs ?? 0) - shard.patientMs
    expect(due()).toBe(500)
    shard.advance(700)
    expect(due()).toBe(300)
  })
})
