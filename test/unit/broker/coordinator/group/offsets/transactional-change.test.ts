import type { GroupRecord } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { GroupChange } from '../../../../../../packages/broker/src/coordinator/group/change.ts'
import { groupLogic } from '../../../../../../packages/broker/src/coordinator/group/group-logic.ts'
import {
  offsetRecord,
  offsetTombstone,
} from '../../../../../../packages/broker/src/coordinator/group/offsets/offset-records.ts'
import { applyTransactionalChange } from '../../../../../../packages/broker/src/coordinator/group/offsets/transactional-change.ts'

const place = (partition: number) => ({ groupId: 'readers', topic: 'orders', partition })

function recordIn(change: GroupChange): GroupRecord {
  if (change.type !== 'record') throw new Error('an offset is a record')
  return change.record
}

const offset = (partition: number, offset: number) =>
  recordIn(
    offsetRecord(place(partition), {
      ...{ offset, leaderEpoch: -1, metadata: '', commitTimestampMs: 1, expireTimestampMs: -1 },
      topicId: 'AAAAAAAAAAAAAAAAAAAAAw',
    }),
  )

function given() {
  const state = groupLogic.emptyState()
  return {
    state,
    write: (producerId: number, record: GroupRecord) =>
      applyTransactionalChange(state, { type: 'transactional-record', producerId, record }),
    end: (producerId: number, result: 'commit' | 'abort') =>
      applyTransactionalChange(state, { type: 'transaction-ended', producerId, result }),
    committed: () =>
      [...(state.offsets.get('readers')?.get('orders') ?? [])].map(([partition, { offset }]) => [
        partition,
        offset,
      ]),
  }
}

describe('what a transaction writes into a group', () => {
  it('T9: is all committed by the marker of its producer, and by no other', () => {
    const { write, end, committed } = given()
    write(1, offset(0, 10))
    write(1, offset(1, 11))
    write(2, offset(2, 12))
    expect(committed()).toEqual([])
    end(3, 'commit')
    expect(committed()).toEqual([])
    end(1, 'commit')
    expect(committed()).toEqual([
      [0, 10],
      [1, 11],
    ])
  })

  it('T9: is gone when it is aborted, and a later commit of the producer does not bring it back', () => {
    const { write, end, committed, state } = given()
    write(1, offset(0, 10))
    end(1, 'abort')
    end(1, 'commit')
    expect([committed(), state.pendingOffsets.byGroup.size]).toEqual([[], 0])
  })

  it('takes an offset away at once', () => {
    const { write, end, committed } = given()
    write(1, offset(0, 10))
    end(1, 'commit')
    write(1, recordIn(offsetTombstone(place(0))))
    expect(committed()).toEqual([])
    end(1, 'abort')
    expect(committed()).toEqual([])
  })

  it('is nothing but offsets', () => {
    const { write, end, state } = given()
    for (const value of [null, { protocolType: 'consumer' }])
      write(1, { type: 'GroupMetadata', key: { group: 'readers' }, value } as never)
    expect(state).toEqual(groupLogic.emptyState())
    end(1, 'commit')
    expect(state).toEqual(groupLogic.emptyState())
  })
})
