import { encodeGroupRecord, ZERO_BITS } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { groupLogic } from '../../../../../packages/broker/src/coordinator/group/group-logic.ts'
import { emptyGroupState } from '../../../../../packages/broker/src/coordinator/group/state.ts'
import { GROUP } from '../../../../support/classic-shard.ts'
import { beat, heartbeat, joining } from '../../../../support/consumer-shard.ts'
import { GroupShard, offsetsOf } from '../../../../support/group-shard.ts'

describe('groupLogic', () => {
  it('passes over records that a newer version wrote', () => {
    const key = Buffer.from([0x7f, 0, 1, 2])
    expect(groupLogic.decode({ key, value: Buffer.from([0, 0]) })).toBeUndefined()
  })

  it('takes records of groups that are not its own without a trace', () => {
    const record = encodeGroupRecord({
      type: 'ShareGroupMetadata',
      key: { groupId: 'g' },
      value: { epoch: 1, metadataHash: ZERO_BITS },
    })
    const state = emptyGroupState()
    const change = groupLogic.decode(record)
    if (change !== undefined) groupLogic.apply(state, change)
    expect(state).toEqual(emptyGroupState())
  })

  it('gives soft changes no record', () => {
    expect(groupLogic.encode({ type: 'classic-group-emptied', groupId: 'g' })).toBeUndefined()
  })

  it('keeps the committed offsets of a group that changes its kind, and loses the group with its last record', () => {
    const shard = new GroupShard()
    const { memberIds, generationId: generation } = shard.stable(1)
    const memberId = memberIds[0] ?? ''
    shard.commit({ 'orders-0': 4 }, { memberId, generation })
    shard.leave([{ memberId }])
    const consumer = 'bWVtYmVyLW9uZS1tZW1iZQ'
    beat(shard, joining(consumer, ['orders'], { groupId: GROUP }))
    expect(shard.state.groups.get(GROUP)?.kind).toBe('consumer')
    expect(shard.committed()).toEqual({ 'orders-0': 4 })
    beat(shard, heartbeat({ groupId: GROUP, memberId: consumer, memberEpoch: -1 }))
    expect(shard.deleteGroup()).toBe('NONE')
    const reloaded = shard.reloaded(shard.records)
    expect([reloaded.groups.size, offsetsOf(reloaded)]).toEqual([0, []])
  })
})
