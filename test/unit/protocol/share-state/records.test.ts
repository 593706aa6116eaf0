import { shareStateRecordCodec } from '@varve/protocol'
import { expect, it } from 'vitest'

const key = { groupId: 'workers', topicId: 'IDD3ml3ptdy-FzWCrXPgvA', partition: 3 }

it('tells a snapshot of a share-partition from an update by the first two bytes of the key', () => {
  const stateBatches = [{ firstOffset: 7, lastOffset: 9, deliveryState: 2, deliveryCount: 1 }]
  const update = shareStateRecordCodec.encode({
    type: 'ShareUpdate',
    key,
    value: { snapshotEpoch: 4, leaderEpoch: 1, startOffset: -1, stateBatches },
  })
  const snapshot = shareStateRecordCodec.encode({ type: 'ShareSnapshot', key, value: null })
  expect([update.key.readInt16BE(), snapshot.key.readInt16BE()]).toEqual([1, 0])
  expect(update.key.subarray(2)).toEqual(snapshot.key.subarray(2))
  expect(shareStateRecordCodec.decode(snapshot.key, null)).toEqual({
    type: 'ShareSnapshot',
    key,
    value: null,
  })
  expect(shareStateRecordCodec.decode(update.key, update.value)).toEqual({
    type: 'ShareUpdate',
    key,
    value: {
      snapshotEpoch: 4,
      leaderEpoch: 1,
      startOffset: -1,
      deliveryCompleteCount: -1,
      stateBatches,
    },
  })
})
