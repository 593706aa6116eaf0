import { ZERO_UUID } from '@varve/protocol'
import type { MetadataImage } from '../../../metadata/image.ts'
import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import { offsetTombstone } from './offset-records.ts'
import type { DeletedTopics, OffsetsEvent } from './offsets-event.ts'
import { isFull, type Stretch, sweepStretch } from './sweep.ts'

type TopicsDeleted = Extract<OffsetsEvent, { readonly type: 'offsets-topics-deleted' }>

/** A deleted topic takes its committed offsets with it. Those of a topic that was made anew under the name stay. */
export function offsetsMetadataChanged(
  state: GroupShardState,
  previous: MetadataImage,
  moment: GroupMoment,
): GroupDecision {
  if (state.offsets.size === 0) return {}
  const topics = deletedTopics(previous, moment.image)
  if (topics.size === 0) return {}
  const left = { groupIds: [...state.offsets.keys()], next: 0 }
  const { revision } = moment.image
  return takeDeletedTopics(
    state,
    { type: 'offsets-topics-deleted', topics, left, revision },
    moment,
  )
}

/** One stretch; the rest follows at once, with others having their turn in between. */
export function takeDeletedTopics(
  state: GroupShardState,
  event: TopicsDeleted,
  { patientMs }: GroupMoment,
): GroupDecision {
  const { changes, left } = sweepStretch(event.left, (groupId, stretch) =>
    takeFromGroup(state, groupId, { topics: event.topics, stretch }),
  )
  if (left === undefined) return { changes }
  const key = `offsets/topics-deleted/${event.revision}`
  return { changes, timers: [{ set: key, atMs: patientMs, event: { ...event, left } }] }
}

function takeFromGroup(
  state: GroupShardState,
  groupId: string,
  { topics, stretch }: { readonly topics: DeletedTopics; readonly stretch: Stretch },
): void {
  const offsets = state.offsets.get(groupId)
  if (offsets === undefined) return
  for (const [topic, topicId] of topics) {
    for (const [partition, committed] of offsets.get(topic) ?? []) {
      if (isFull(stretch)) return
      if (committed.topicId !== topicId && committed.topicId !== ZERO_UUID) continue
      stretch.changes.push(offsetTombstone({ groupId, topic, partition }))
    }
  }
  stretch.looks += topics.size
}

/** Every shard asks the same at once; the answer follows from the topics before and after alone. */
const known = new WeakMap<
  MetadataImage['topics']['byId'],
  { readonly before: MetadataImage['topics']['byId']; readonly deleted: DeletedTopics }
>()
const NONE: DeletedTopics = new Map()

function deletedTopics(previous: MetadataImage, image: MetadataImage): DeletedTopics {
  const before = previous.topics.byId
  const after = image.topics.byId
  if (before === after) return NONE
  const remembered = known.get(after)
  if (remembered?.before === before) return remembered.deleted
  const deleted = new Map<string, string>()
  for (const [topicId, { name }] of before) if (!after.has(topicId)) deleted.set(name, topicId)
  known.set(after, { before, deleted })
  return deleted
}
