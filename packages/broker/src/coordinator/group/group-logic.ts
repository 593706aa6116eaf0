/** The group coordinator as the runtime sees it. */
import { decodeGroupRecord, encodeGroupRecord } from '@varve/protocol'
import type { Decision } from '../runtime/decision.ts'
import type { Moment } from '../runtime/moment.ts'
import type { ShardLogic } from '../runtime/shard-logic.ts'
import type { GroupChange } from './change.ts'
import type { GroupEvent } from './event.ts'
import type { GroupRules } from './group-rules.ts'
import { emptyGroupState, type GroupShardState } from './state.ts'

export type GroupDecision = Decision<GroupChange, GroupEvent>
export type GroupMoment = Moment<GroupRules>
export type GroupLogic = ShardLogic<GroupShardState, GroupChange, GroupEvent, GroupRules>

/** Reads and writes the records; the owners of the kinds of groups take it from here. */
export const groupLogic: GroupLogic = {
  emptyState: emptyGroupState,
  encode: change => (change.type === 'record' ? encodeGroupRecord(change.record) : undefined),
  decode: ({ key, value }) => {
    const record = decodeGroupRecord(key, value)
    return record.type === 'unknown' ? undefined : { type: 'record', record }
  },
  apply: () => undefined,
  loaded: () => ({}),
  fired: () => ({}),
  metadataChanged: () => ({}),
}
