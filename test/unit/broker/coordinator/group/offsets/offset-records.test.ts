import { decodeGroupRecord, ZERO_UUID } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { groupLogic } from '../../../../../../packages/broker/src/coordinator/group/group-logic.ts'
import {
  offsetRecord,
  offsetTombstone,
} from '../../../../../../packages/broker/src/coordinator/group/offsets/offset-records.ts'
import { emptyGroupState } from '../../../../../../packages/broker/src/coordinator/group/state.ts'

const place = { groupId: 'g', topic: 'orders', partition: 2 }
const committed = {
  offset: 5,
  leaderEpoch: 3,
  metadata: 'm',
  commitTimestampMs: 1_700_000_000_000,
  expireTimestampMs: -1,
  topicId: 'AAAAAAAAAAAAAAAAAAAACQ',
}

function stored(...given: Parameters<typeof offsetRecord>) {
  const state = emptyGroupState()
  const record = groupLogic.encode(offsetRecord(...given))
  const change = record && groupLogic.decode(record)
  if (change !== undefined) groupLogic.apply(state, change)
  return state.offsets.get('g')?.get('orders')?.get(2)
}

describe('offsetRecord', () => {
  it('keeps the whole offset in the log', () => {
    expect(stored(place, committed)).toEqual(committed)
  })

  it('keeps the time of retention of old clients, which say neither leader epoch nor topic id', () => {
    const old = { ...committed, leaderEpoch: -1, expireTimestampMs: 1_700_000_060_000 }
    expect(stored(place, old)).toEqual({ ...old, topicId: ZERO_UUID })
  })
})

describe('offsetTombstone', () => {
  it('takes back what lies under the key of the offset', () => {
    const record = groupLogic.encode(offsetTombstone(place))
    expect(record?.value).toBeNull()
    expect(decodeGroupRecord(record?.key ?? null, null)).toMatchObject({
      type: 'OffsetCommit',
      key: { group: 'g', topic: 'orders', partition: 2 },
    })
  })
})
