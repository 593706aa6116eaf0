/** The image that Kafka's metadata comes to when this broker takes it over, or why it cannot. */
import { ZERO_UUID } from '@varve/protocol'
import { LogDirectoryError } from '../log/log-directory.ts'
import { applyAll } from './apply.ts'
import type { MetadataChange } from './change.ts'
import { emptyImage, type MetadataImage } from './image.ts'
import type { KraftLog } from './kraft-log.ts'
import { type KraftPartition, KraftState, type KraftTopic } from './kraft-state.ts'
import { FEATURE_LEVELS } from './register.ts'
import { topicNameProblem } from './topic-name.ts'

export interface KraftOwner {
  readonly clusterId: string
  readonly nodeId: number
  /** `directory.id` of the data folder. */
  readonly directoryId: string
}

/** The newest `metadata.version` whose records this version can read: Kafka 4.2. */
const METADATA_VERSION_MAX = 29

/** Where a partition lies that has no log directory yet, or is on its way to another (KIP-858). */
const NO_DIRECTORY: ReadonlySet<string> = new Set([ZERO_UUID, 'AAAAAAAAAAAAAAAAAAAAAg'])

/**
 * What Kafka had, with this node as the leader of every partition in an epoch of its own, as after an election. Throws a
 * `LogDirectoryError` that names the first thing which cannot be taken over.
 */
export function imageOfKraft(log: KraftLog, owner: KraftOwner): MetadataImage {
  const state = new KraftState(log.records)
  const level = state.features.get('metadata.version') ?? 0
  if (level > METADATA_VERSION_MAX)
    throw refusal(
      `its metadata.version is ${level}, and this version of Varve knows those up to ${METADATA_VERSION_MAX} (Kafka 4.2)`,
    )
  const changes = [...featureChanges(state), ...registration(state, owner), ...state.others]
  for (const topic of state.topics.values()) changes.push(...topicChanges(topic, owner))
  const image = applyAll(emptyImage(owner.clusterId), changes)
  // A log without a record has offset 0; the first record of ours says that there is one.
  return { ...image, kept: state.kept, revision: Math.max(1, log.endOffset) }
}

/** A feature that Kafka had switched off stays so: nothing is raised that its operator did not raise. */
function* featureChanges(state: KraftState): Generator<MetadataChange> {
  const isFormatted = state.features.size > 0
  const absent = isFormatted ? [...FEATURE_LEVELS.keys()].map(name => [name, 0] as const) : []
  for (const [name, featureLevel] of new Map([...absent, ...state.features]))
    yield { type: 'FeatureLevelRecord', name, featureLevel }
}

/** Other nodes are no part of what stands alone. */
function registration({ brokers }: KraftState, { nodeId }: KraftOwner): MetadataChange[] {
  const broker = brokers.get(nodeId)
  return broker === undefined ? [] : [broker]
}

function* topicChanges(topic: KraftTopic, owner: KraftOwner): Generator<MetadataChange> {
  const { topicId, name, partitions, configs } = topic
  const problem = topicNameProblem(name)
  if (problem !== undefined) throw refusal(`its metadata names a topic wrongly: ${problem}`)
  if (configs.get('remote.storage.enable')?.value === 'true')
    throw refusal(
      `the topic ${name} has records in remote storage (remote.storage.enable), which Varve cannot read; disable it with remote.log.delete.on.disable and start Kafka once more`,
    )
  yield { type: 'TopicRecord', topicId, name }
  for (let partitionId = 0; partitionId < partitions.size; partitionId++) {
    const partition = partitions.get(partitionId)
    if (partition === undefined)
      throw refusal(`its metadata lacks partition ${partitionId} of the topic ${name}`)
    refuseElsewhere(`${name}-${partitionId}`, partition, owner)
    yield {
      type: 'PartitionRecord',
      ...{ topicId, partitionId },
      replicas: [owner.nodeId],
      isr: [owner.nodeId],
      leader: owner.nodeId,
      leaderEpoch: partition.leaderEpoch + 1,
      partitionEpoch: partition.partitionEpoch + 1,
    }
  }
  yield* configs.values()
}

function refuseElsewhere(name: string, partition: KraftPartition, owner: KraftOwner): void {
  const { replicas, directories } = partition
  if (replicas.length !== 1 || replicas[0] !== owner.nodeId)
    throw refusal(
      `its partition ${name} is on ${replicas.length === 1 ? 'node' : 'nodes'} ${replicas.join(', ')}, and Varve stands alone; move every partition to node ${owner.nodeId} alone (kafka-reassign-partitions) before`,
    )
  const elsewhere = directories.find(id => !NO_DIRECTORY.has(id) && id !== owner.directoryId)
  if (elsewhere !== undefined)
    throw refusal(
      `its partition ${name} lies in another log directory (${elsewhere}), and Varve works with one; move it there with kafka-reassign-partitions before`,
    )
}

function refusal(reason: string): LogDirectoryError {
  return new LogDirectoryError(`Kafka's data folder cannot be taken over: ${reason}.`)
}
