import type { GroupRecord } from '@varve/protocol'
import type { GroupShardState } from '../state.ts'
import { applyOffsetRecord, commitRecord, type OffsetRecord } from './apply-offset-record.ts'
import { addPending, takePending } from './pending-offsets.ts'

/** Changes that come from transactions. Both are hard: a record that was written within one, and the marker that ends one. */
export type TransactionalChange =
  | {
      readonly type: 'transactional-record'
      readonly producerId: number
      readonly record: GroupRecord
    }
  | {
      readonly type: 'transaction-ended'
      readonly producerId: number
      readonly result: 'commit' | 'abort'
    }

/** T9: offsets wait for the marker. Nothing else is ever written within a transaction. */
export function applyTransactionalChange(
  state: GroupShardState,
  change: TransactionalChange,
): void {
  const { producerId } = change
  switch (change.type) {
    case 'transactional-record':
      if (!isOffset(change.record)) return
      // Nobody takes offsets away within a transaction; whatever did would mean it at once.
      if (change.record.value === null) applyOffsetRecord(state, change.record)
      else addPending(state.pendingOffsets, producerId, change.record)
      return
    case 'transaction-ended':
      for (const record of takePending(state.pendingOffsets, producerId, change.result))
        commitRecord(state, record)
  }
}

function isOffset(record: GroupRecord): record is OffsetRecord {
  return record.type === 'OffsetCommit' || record.type === 'LegacyOffsetCommit'
}
