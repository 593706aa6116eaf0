import { describe, expect, it } from 'vitest'
import type { GroupChange } from '../../../../../../packages/broker/src/coordinator/group/change.ts'
import { groupLogic } from '../../../../../../packages/broker/src/coordinator/group/group-logic.ts'
import {
  offsetRecord,
  offsetTombstone,
} from '../../../../../../packages/broker/src/coordinator/group/offsets/offset-records.ts'
import { isPending } from '../../../../../../packages/broker/src/coordinator/group/offsets/pending-offsets.ts'

const place = { groupId: 'readers', topic: 'orders', partition: 3 }

function given() {
  const state = groupLogic.emptyState()
  const apply = (change: GroupChange) => groupLogic.apply(state, change)
  const recordOf = (offset: number) => {
    const when = { commitTimestampMs: 1, expireTimestampMs: -1, topicId: 'AAAAAAAAAAAAAAAAAAAAAw' }
    const change = offsetRecord(place, { offset, leaderEpoch: -1, metadata: '', ...when })
    if (change.type !== 'record') throw new Error('an offset is a record')
    return change.record
  }
  return {
    state,
    plain: (offset: number) => apply({ type: 'record', record: recordOf(offset) }),
    write: (producerId: number, offset: number) =>
      apply({ type: 'transactional-record', producerId, record: recordOf(offset) }),
    end: (producerId: number, result: 'commit' | 'abort') =>
      apply({ type: 'transaction-ended', producerId, result }),
    remove: () => apply(offsetTombstone(place)),
    committed: () => state.offsets.get('readers')?.get('orders')?.get(3)?.offset,
    isPending: () => isPending(state.pendingOffsets, 'readers', place),
  }
}

describe('offsets within transactions', () => {
  it('count when the transaction is committed, and not before (T9)', () => {
    const { write, end, committed, isPending } = given()
    write(1, 10)
    expect([committed(), isPending()]).toEqual([undefined, true])
    write(1, 12)
    end(1, 'commit')
    expect([committed(), isPending()]).toEqual([12, false])
  })

  it('never count when it is aborted', () => {
    const { plain, write, end, committed, isPending } = given()
    plain(5)
    write(1, 10)
    end(1, 'abort')
    expect([committed(), isPending()]).toEqual([5, false])
  })

  it('give way to a commit that came after them, though the transaction ends later', () => {
    const { plain, write, end, committed } = given()
    write(1, 10)
    plain(20)
    end(1, 'commit')
    expect(committed()).toBe(20)
  })

  it('of several producers: the one that was written last wins', () => {
    const { write, end, committed, isPending } = given()
    write(1, 10)
    write(2, 20)
    end(2, 'commit')
    expect([committed(), isPending()]).toEqual([20, false])
    end(1, 'commit')
    expect(committed()).toBe(20)
  })

  it('of several producers: a later one may still change what an earlier one has committed', () => {
    const { write, end, committed, isPending } = given()
    write(1, 10)
    write(2, 20)
    end(1, 'commit')
    expect([committed(), isPending()]).toEqual([10, true])
    end(2, 'commit')
    expect([committed(), isPending()]).toEqual([20, false])
  })

  it('go with the offset when that is deleted', () => {
    const { write, end, remove, committed, state } = given()
    write(1, 10)
    remove()
    end(1, 'commit')
    expect(committed()).toBeUndefined()
    expect([state.pendingOffsets.byGroup.size, state.pendingOffsets.byProducer.size]).toEqual([
      0, 0,
    ])
  })
})
