import type { MetadataImage } from '../../../metadata/image.ts'
import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import { catchUp } from './consumer-loaded.ts'
import { newDraft } from './draft.ts'
import { consumerGroupSubscribes } from './subscribed-topics.ts'

/** Topics came, went or grew: groups that are subscribed to them begin a new epoch. */
export function consumerMetadataChanged(
  state: GroupShardState,
  previous: MetadataImage,
  moment: GroupMoment,
): GroupDecision {
  const { changed, added } = topicChanges(previous, moment.image)
  if (changed.length === 0) return {}
  const draft = newDraft()
  for (const group of state.groups.values()) {
    if (group.kind !== 'consumer' || group.members.size === 0) continue
    if (added === 'some' && group.patternSubscribers.size > 0) {
      draft.changes.push({ type: 'consumer-topics-changed', groupId: group.groupId })
    }
    if (changed.some(name => consumerGroupSubscribes(group, name))) {
      catchUp(draft, { state, group }, moment)
    }
  }
  return draft
}

interface TopicChanges {
  /** The names of topics that came, went, grew or were made anew. */
  readonly changed: readonly string[]
  readonly added: 'some' | 'none'
}

/** Every shard asks the same at once; the answer follows from the two images alone. */
const known = new WeakMap<
  MetadataImage,
  { readonly previous: MetadataImage; readonly changes: TopicChanges }
>()

function topicChanges(previous: MetadataImage, image: MetadataImage): TopicChanges {
  if (previous.topics === image.topics) return { changed: [], added: 'none' }
  const before = known.get(image)
  if (before?.previous === previous) return before.changes
  const changed: string[] = []
  let added: 'some' | 'none' = 'none'
  for (const [name, topic] of image.topics.byName) {
    const former = previous.topics.byName.get(name)
    if (former === topic) continue
    if (former?.topicId !== topic.topicId) added = 'some'
    else if (former.partitions.length === topic.partitions.length) continue
    changed.push(name)
  }
  for (const name of previous.topics.byName.keys()) {
    if (!image.topics.byName.has(name)) changed.push(name)
  }
  const changes = { changed, added }
  known.set(image, { previous, changes })
  return changes
}
