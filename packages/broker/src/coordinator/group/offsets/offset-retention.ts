/** From when on the committed offsets of a group grow old, by the kind of the group. */
import { consumerProtocolType } from '@varve/protocol'
import type { ClassicGroup } from '../classic/classic-group.ts'
import { subscribedTopics } from '../classic/subscribed-topics.ts'
import { consumerGroupSubscribes, hasUnresolvedPatterns } from '../consumer/subscribed-topics.ts'
import type { Group } from '../state.ts'
import type { CommittedOffset } from './group-offsets.ts'

export interface OffsetRetention {
  /** Milliseconds since 1970; the offset expires when the retention time has passed since then. Undefined: since its commit. */
  readonly sinceMs: number | undefined
  /** Topics that are read do not expire. */
  readonly isRead: (topic: string) => boolean
}

/**
 * What the retention of a group's offsets goes by (KIP-211); undefined as long as none expires. A group that no member ever joined keeps
 * each offset from its commit on, as does one of the consumer protocol where nobody reads the topic. A classic group without members keeps
 * all from when the last one left; with members, only a stable one of consumers loses the topics that it does not read.
 */
export function offsetRetention(group: Group | undefined): OffsetRetention | undefined {
  if (group === undefined) return { sinceMs: undefined, isRead: nothing }
  switch (group.kind) {
    case 'classic':
      return classicRetention(group)
    case 'consumer':
      if (hasUnresolvedPatterns(group)) return undefined
      return { sinceMs: undefined, isRead: topic => consumerGroupSubscribes(group, topic) }
  }
}

export function isExpired(
  committed: CommittedOffset,
  { sinceMs }: OffsetRetention,
  { nowMs, retentionMs }: { readonly nowMs: number; readonly retentionMs: number },
): boolean {
  const { expireTimestampMs, commitTimestampMs } = committed
  if (expireTimestampMs >= 0) return nowMs >= expireTimestampMs
  return nowMs - (sinceMs ?? commitTimestampMs) >= retentionMs
}

function classicRetention(group: ClassicGroup): OffsetRetention | undefined {
  const { protocolType, state, settled } = group
  if (state === 'Empty') {
    const emptySinceMs = settled?.members.length === 0 ? settled.currentStateTimestamp : -1
    // Records of before version 2 do not say since when.
    return { sinceMs: emptySinceMs < 0 ? undefined : emptySinceMs, isRead: nothing }
  }
  if (state !== 'Stable' || protocolType !== consumerProtocolType) return undefined
  const topics = subscribedTopics(group)
  return topics && { sinceMs: undefined, isRead: topic => topics.has(topic) }
}

const nothing = (): boolean => false
