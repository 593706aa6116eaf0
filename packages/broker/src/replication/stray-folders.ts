/** What folders that no metadata knows come to as topics, or why they cannot (L11). */
import { isInternalTopic } from '../config/internal-topics.ts'
import { LogDirectoryError } from '../log/log-directory.ts'
import { type MetadataChange, RESOURCE_TYPE } from '../metadata/change.ts'
import type { MetadataImage } from '../metadata/image.ts'
import { topicNameProblem } from '../metadata/topic-name.ts'
import type { FoundFolder } from './data-folder-survey.ts'

/** A folder with what lies in it. */
export interface StrayFolder extends FoundFolder {
  /** Of `partition.metadata`; undefined when the folder has none, as those of a Kafka before 2.8. */
  readonly topicId: string | undefined
  /** The last leader epoch that its log knows; -1 when it knows none. */
  readonly leaderEpoch: number
}

export interface StrayRules {
  readonly nodeId: number
  readonly newTopicId: () => string
  /** How an internal topic is made: its partitions, which say where each group is kept, and its settings. */
  readonly internalTopic: (name: string) => WantedInternalTopic | undefined
}

export interface WantedInternalTopic {
  readonly numPartitions: number
  /** The setting that says so. */
  readonly numPartitionsSetting: string
  readonly configs: readonly { readonly name: string; readonly value: string | null }[]
}

/** One folder that becomes a partition. */
export interface AdoptedFolder {
  readonly folder: StrayFolder
  readonly topicId: string
}

export interface StrayPlan {
  readonly folders: readonly AdoptedFolder[]
  readonly changes: readonly MetadataChange[]
}

/**
 * The records that make the folders partitions: of new topics, with the ids that their folders have, or more partitions of known ones.
 * Nobody knows the settings that their topics had, so nothing is deleted from them before somebody says what may be: `retention.ms` is
 * -1. Throws a `LogDirectoryError` that names the first folder which cannot be taken over.
 */
export function planStrays(
  strays: readonly StrayFolder[],
  image: MetadataImage,
  rules: StrayRules,
): StrayPlan {
  const byTopic = new Map<string, StrayFolder[]>()
  for (const stray of strays) {
    const problem = topicNameProblem(stray.topic)
    if (problem !== undefined) throw refusal(stray.name, problem)
    byTopic.set(stray.topic, [...(byTopic.get(stray.topic) ?? []), stray])
  }
  const folders: AdoptedFolder[] = []
  const changes: MetadataChange[] = []
  const taken = new Map([...image.topics.byId].map(([topicId, { name }]) => [topicId, name]))
  for (const [topic, ofTopic] of byTopic) {
    const known = image.topics.byName.get(topic)
    const topicId = topicIdOf(ofTopic, known?.topicId) ?? rules.newTopicId()
    const owner = taken.get(topicId)
    if (owner !== undefined && owner !== topic)
      throw refusal(
        ofTopic[0]?.name ?? topic,
        `its topic id ${topicId} is that of the topic ${owner}`,
      )
    taken.set(topicId, topic)
    const firstPartition = known?.partitions.length ?? 0
    refuseGaps(ofTopic, firstPartition)
    if (known === undefined) changes.push(...topicChanges(topic, topicId, ofTopic, rules))
    for (const folder of ofTopic) {
      folders.push({ folder, topicId })
      changes.push(partitionChange(folder, topicId, rules))
    }
  }
  return { folders, changes }
}

function topicIdOf(
  folders: readonly StrayFolder[],
  knownId: string | undefined,
): string | undefined {
  let topicId = knownId
  for (const folder of folders) {
    if (folder.topicId === undefined) continue
    if (folder.topicId === '') throw refusal(folder.name, 'its partition.metadata makes no sense')
    if (topicId !== undefined && folder.topicId !== topicId)
      throw refusal(
        folder.name,
        `it belongs to the topic with the id ${folder.topicId}, and another topic of that name has the id ${topicId}`,
      )
    topicId = folder.topicId
  }
  return topicId
}

/** A topic without one of its partitions would put keys and groups elsewhere than they were. */
function refuseGaps(folders: readonly StrayFolder[], firstPartition: number): void {
  folders.forEach(({ topic, partition, name }, index) => {
    if (partition === firstPartition + index) return
    throw refusal(
      name,
      `the folder of partition ${firstPartition + index} of ${topic} is missing; copy it here, too`,
    )
  })
}

function* topicChanges(
  topic: string,
  topicId: string,
  folders: readonly StrayFolder[],
  rules: StrayRules,
): Generator<MetadataChange> {
  yield { type: 'TopicRecord', name: topic, topicId }
  const internal = isInternalTopic(topic) ? rules.internalTopic(topic) : undefined
  if (internal !== undefined && internal.numPartitions !== folders.length)
    throw refusal(
      folders[0]?.name ?? topic,
      `there are ${folders.length} partitions of ${topic}, and ${internal.numPartitionsSetting} is ${internal.numPartitions}; copy all of them, and say how many there are with --override ${internal.numPartitionsSetting}=N`,
    )
  const configs = internal?.configs ?? [{ name: 'retention.ms', value: '-1' }]
  for (const { name, value } of configs)
    yield {
      type: 'ConfigRecord',
      ...{ resourceType: RESOURCE_TYPE.TOPIC, resourceName: topic, name, value },
    }
}

/** The next leader epoch: what comes now is not what the leader before wrote. */
function partitionChange(
  { partition, leaderEpoch }: StrayFolder,
  topicId: string,
  { nodeId }: StrayRules,
): MetadataChange {
  return {
    type: 'PartitionRecord',
    ...{ topicId, partitionId: partition },
    ...{ replicas: [nodeId], isr: [nodeId], leader: nodeId },
    ...{ leaderEpoch: leaderEpoch + 1, partitionEpoch: 0 },
  }
}

function refusal(folder: string, reason: string): LogDirectoryError {
  return new LogDirectoryError(
    `The folder ${folder} cannot be taken over: ${reason}. Move it away to start without it.`,
  )
}
