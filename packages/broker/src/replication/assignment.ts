/** Which partitions this broker has a replica of, as the metadata image says. */

import type { LogSettings } from '../log/log-settings.ts'
import type { LogIdentity } from '../log/log-state.ts'
import { partitionFolderName } from '../log/segment-files.ts'
import type { TopicImage } from '../metadata/image.ts'

/** A partition that this broker has a replica of. */
export interface Assignment {
  readonly identity: LogIdentity
  readonly topic: TopicImage
  /** One object for all partitions of a topic. */
  readonly settings: LogSettings
  readonly leaderEpoch: number
}

export interface AssignmentRules {
  readonly brokerId: number
  readonly logDirectory: { readonly path: string }
  /** The effective settings of a topic. */
  readonly settingsOf: (topic: TopicImage) => LogSettings
}

/** What the topics have for this broker, by `partitionKey`. */
export function assignmentsOf(
  topics: Iterable<TopicImage>,
  { brokerId, logDirectory, settingsOf }: AssignmentRules,
): Map<string, Assignment> {
  const assignments = new Map<string, Assignment>()
  for (const topic of topics) {
    const settings = settingsOf(topic)
    topic.partitions.forEach(({ replicas, leaderEpoch }, partition) => {
      if (!replicas.includes(brokerId)) return
      const directory = `${logDirectory.path}/${partitionFolderName(topic.name, partition)}`
      const identity = { topic: topic.name, topicId: topic.topicId, partition, directory }
      assignments.set(partitionKey(identity), { identity, topic, settings, leaderEpoch })
    })
  }
  return assignments
}

/** What tells a partition from all others, also from those of a topic that had the same name. */
export function partitionKey({
  topicId,
  partition,
}: {
  readonly topicId: string
  readonly partition: number
}): string {
  return `${topicId}:${partition}`
}
