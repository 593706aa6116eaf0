import { type GroupRecord, ZERO_UUID } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import {
  applyOffsetRecord,
  forgetEmptyOffsets,
} from '../../../../../../packages/broker/src/coordinator/group/offsets/apply-offset-record.ts'
import { emptyGroupState } from '../../../../../../packages/broker/src/coordinator/group/state.ts'

const key = { group: 'g', topic: 'orders', partition: 2 }
const legacy: GroupRecord & { type: 'LegacyOffsetCommit' } = {
  type: 'LegacyOffsetCommit',
  key,
  value: { offset: 3, metadata: 'm', commitTimestamp: 9 },
}
const tombstone: GroupRecord & { type: 'OffsetCommit' } = { type: 'OffsetCommit', key, value: null }

describe('applyOffsetRecord', () => {
  it('reads records of long ago', () => {
    const state = emptyGroupState()
    applyOffsetRecord(state, legacy)
    expect(state.offsets.get('g')?.get('orders')?.get(2)).toEqual({
      offset: 3,
      leaderEpoch: -1,
      metadata: 'm',
      commitTimestampMs: 9,
      expireTimestampMs: -1,
      topicId: ZERO_UUID,
    })
  })

  it('takes an offset away, and keeps that there was one', () => {
    const state = emptyGroupState()
    applyOffsetRecord(state, legacy)
    applyOffsetRecord(state, tombstone)
    expect(state.offsets).toEqual(new Map([['g', new Map()]]))
    forgetEmptyOffsets(state, 'g')
    expect(state.offsets.size).toBe(0)
  })

  it('takes away what is not there without a trace: a compacted log may begin like this', () => {
    const state = emptyGroupState()
    applyOffsetRecord(state, tombstone)
    expect(state.offsets.size).toBe(0)
  })
})

describe('forgetEmptyOffsets', () => {
  it('keeps offsets of a group that only changes its kind', () => {
    const state = emptyGroupState()
    applyOffsetRecord(state, legacy)
    forgetEmptyOffsets(state, 'g')
    forgetEmptyOffsets(state, 'nobody')
    expect(state.offsets.get('g')?.size).toBe(1)
  })
})
