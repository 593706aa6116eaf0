import type { GroupRecord } from '@varve/protocol'
import type { ClassicChange } from './classic/classic-change.ts'
import type { ConsumerChange } from './consumer/consumer-change.ts'
import type { TransactionalChange } from './offsets/transactional-change.ts'

/**
 * One change of a group shard's state. `record` is hard: it lies in the log and comes back at reload, as changes of transactions do. The others are soft: who is
 * waiting, who has joined a rebalance that is not over.
 */
export type GroupChange =
  | { readonly type: 'record'; readonly record: GroupRecord }
  | TransactionalChange
  | ClassicChange
  | ConsumerChange
