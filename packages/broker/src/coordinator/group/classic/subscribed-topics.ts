import { consumerProtocolType, decodeSubscription, WireError } from '@varve/protocol'
import type { ClassicGroup } from './classic-group.ts'
import { metadataUnder } from './select-protocol.ts'

/**
 * The topics that the members of a group of consumers read. Undefined where it cannot be known: no protocol was agreed on, the group is
 * not one of consumers, or a member's metadata are in another form. A group of consumers without members reads nothing.
 */
export function subscribedTopics(group: ClassicGroup): ReadonlySet<string> | undefined {
  if (group.protocolType !== consumerProtocolType) return undefined
  const topics = new Set<string>()
  if (group.members.size === 0) return topics
  if (group.protocolName === null) return undefined
  for (const member of group.members.values()) {
    const read = topicsOf(metadataUnder(member, group.protocolName))
    if (read === undefined) return undefined
    for (const topic of read) topics.add(topic)
  }
  return topics
}

/** The topics of one subscription; undefined where it is none. */
export function topicsOf(metadata: Uint8Array | undefined): ReadonlySet<string> | undefined {
  if (metadata === undefined) return undefined
  try {
    return new Set(decodeSubscription(metadata).topics)
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}
