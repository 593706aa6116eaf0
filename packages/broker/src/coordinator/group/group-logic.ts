/** The group coordinator as the runtime sees it. */
import type { Decision } from '../runtime/decision.ts'
import type { Moment } from '../runtime/moment.ts'
import type { ShardLogic } from '../runtime/shard-logic.ts'
import type { GroupChange } from './change.ts'
import type { GroupEvent } from './event.ts'
import type { GroupRules } from './group-rules.ts'
import type { GroupShardState } from './state.ts'

export type GroupDecision = Decision<GroupChange, GroupEvent>
export type GroupMoment = Moment<GroupRules>
export type GroupLogic = ShardLogic<GroupShardState, GroupChange, GroupEvent, GroupRules>
