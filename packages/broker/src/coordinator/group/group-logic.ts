/** The group coordinator as the runtime sees it: every change and event goes to the owner of its kind. */
import { decodeGroupRecord, encodeGroupRecord, type GroupRecord } from '@varve/protocol'
import type { MetadataImage } from '../../metadata/image.ts'
import type { Decision } from '../runtime/decision.ts'
import type { Moment } from '../runtime/moment.ts'
import type { ShardLogic, StoredRecord } from '../runtime/shard-logic.ts'
import type { GroupChange } from './change.ts'
import { applyClassicChange } from './classic/apply-classic-change.ts'
import { applyClassicRecord } from './classic/apply-classic-record.ts'
import { classicFired } from './classic/classic-fired.ts'
import { classicLoaded } from './classic/classic-loaded.ts'
import { applyConsumerChange } from './consumer/apply-consumer-change.ts'
import { applyConsumerRecord } from './consumer/apply-consumer-record.ts'
import { consumerFired } from './consumer/consumer-fired.ts'
import { consumerLoaded } from './consumer/consumer-loaded.ts'
import { consumerMetadataChanged } from './consumer/consumer-metadata-changed.ts'
import type { GroupEvent } from './event.ts'
import type { GroupRules } from './group-rules.ts'
import { applyOffsetRecord, forgetEmptyOffsets } from './offsets/apply-offset-record.ts'
import { offsetsFired } from './offsets/offsets-fired.ts'
import { offsetsLoaded } from './offsets/offsets-loaded.ts'
import { offsetsMetadataChanged } from './offsets/offsets-metadata-changed.ts'
import { applyTransactionalChange } from './offsets/transactional-change.ts'
import { emptyGroupState, type GroupShardState } from './state.ts'

export type GroupDecision = Decision<GroupChange, GroupEvent>
export type GroupMoment = Moment<GroupRules>
export type GroupLogic = ShardLogic<GroupShardState, GroupChange, GroupEvent, GroupRules>

export const groupLogic: GroupLogic = {
  emptyState: emptyGroupState,
  encode: change =>
    change.type === 'record' || change.type === 'transactional-record'
      ? encodeGroupRecord(change.record)
      : undefined,
  decode,
  transactions: {
    decode: (record, producerId) => decodeTransactional(record, producerId),
    ended: (producerId, result) => ({ type: 'transaction-ended', producerId, result }),
  },
  apply,
  loaded,
  fired,
  metadataChanged,
}

/** Records of share and streams groups mean nothing here. */
function decode({ key, value }: StoredRecord): GroupChange | undefined {
  const record = decodeGroupRecord(key, value)
  return record.type === 'unknown' ? undefined : { type: 'record', record }
}

function decodeTransactional(
  { key, value }: StoredRecord,
  producerId: number,
): GroupChange | undefined {
  const record = decodeGroupRecord(key, value)
  return record.type === 'unknown'
    ? undefined
    : { type: 'transactional-record', producerId, record }
}

function apply(state: GroupShardState, change: GroupChange): void {
  switch (change.type) {
    case 'record':
      return applyRecord(state, change.record)
    case 'transactional-record':
    case 'transaction-ended':
      return applyTransactionalChange(state, change)
    case 'classic-member-pending':
    case 'classic-pending-ended':
    case 'classic-member-joining':
    case 'classic-member-replaced':
    case 'classic-member-removed':
    case 'classic-rebalance-begun':
    case 'classic-rebalance-delayed':
    case 'classic-generation-begun':
    case 'classic-member-syncing':
    case 'classic-member-synced':
    case 'classic-group-emptied':
    case 'classic-group-closed':
    case 'classic-group-resumed':
      return applyClassicChange(state, change)
    case 'consumer-waits':
    case 'consumer-waits-no-more':
    case 'consumer-assigning':
    case 'consumer-resolving':
    case 'consumer-resolved':
    case 'consumer-topics-changed':
    case 'consumer-join-awaited':
      return applyConsumerChange(state, change)
  }
}

function applyRecord(state: GroupShardState, record: GroupRecord): void {
  switch (record.type) {
    case 'OffsetCommit':
    case 'LegacyOffsetCommit':
      return applyOffsetRecord(state, record)
    case 'GroupMetadata':
      applyClassicRecord(state, record)
      if (record.value === null) forgetEmptyOffsets(state, record.key.group)
      return
    case 'ConsumerGroupMetadata':
      applyConsumerRecord(state, record)
      if (record.value === null) forgetEmptyOffsets(state, record.key.groupId)
      return
    case 'ConsumerGroupPartitionMetadata':
    case 'ConsumerGroupMemberMetadata':
    case 'ConsumerGroupTargetAssignmentMetadata':
    case 'ConsumerGroupTargetAssignmentMember':
    case 'ConsumerGroupCurrentMemberAssignment':
    case 'ConsumerGroupRegularExpression':
      return applyConsumerRecord(state, record)
    case 'ShareGroupMetadata':
    case 'ShareGroupMemberMetadata':
    case 'ShareGroupTargetAssignmentMetadata':
    case 'ShareGroupTargetAssignmentMember':
    case 'ShareGroupCurrentMemberAssignment':
    case 'ShareGroupStatePartitionMetadata':
    case 'StreamsGroupMetadata':
    case 'StreamsGroupMemberMetadata':
    case 'StreamsGroupTargetAssignmentMetadata':
    case 'StreamsGroupTargetAssignmentMember':
    case 'StreamsGroupCurrentMemberAssignment':
    case 'StreamsGroupTopology':
      return
  }
}

function loaded(state: GroupShardState, moment: GroupMoment): GroupDecision {
  return joined(
    classicLoaded(state, moment),
    consumerLoaded(state, moment),
    offsetsLoaded(state, moment),
  )
}

function fired(state: GroupShardState, event: GroupEvent, moment: GroupMoment): GroupDecision {
  switch (event.type) {
    case 'classic-session-expired':
    case 'classic-join-expired':
    case 'classic-sync-expired':
      return classicFired(state, event, moment)
    case 'consumer-session-expired':
    case 'consumer-rebalance-expired':
    case 'consumer-targets-computed':
    case 'consumer-settle':
    case 'consumer-downgrade':
    case 'consumer-patterns-resolved':
      return consumerFired(state, event, moment)
    case 'offsets-expire':
    case 'offsets-topics-deleted':
      return offsetsFired(state, event, moment)
  }
}

function metadataChanged(
  state: GroupShardState,
  previous: MetadataImage,
  moment: GroupMoment,
): GroupDecision {
  return joined(
    consumerMetadataChanged(state, previous, moment),
    offsetsMetadataChanged(state, previous, moment),
  )
}

/** Decisions about different things, as one. */
function joined(...decisions: readonly GroupDecision[]): GroupDecision {
  return {
    changes: decisions.flatMap(({ changes }) => changes ?? []),
    answers: decisions.flatMap(({ answers }) => answers ?? []),
    timers: decisions.flatMap(({ timers }) => timers ?? []),
    work: decisions.flatMap(({ work }) => work ?? []),
  }
}
