/** What the records of Kafka's metadata log come to, by Kafka's rules. Total for every kind of record; those of no consequence here change nothing. */
import type { MetadataRecord } from '@varve/protocol'
import {
  type ConfigRecord,
  type MetadataChange,
  RESOURCE_TYPE,
  type RegisterBrokerRecord,
} from './change.ts'
import { keptSubjectOf } from './kept-record.ts'
import type { KraftRecord } from './kraft-log.ts'
import { decodeChange } from './record-codec.ts'

export interface KraftTopic {
  readonly topicId: string
  readonly name: string
  readonly partitions: Map<number, KraftPartition>
  readonly configs: Map<string, ConfigRecord>
}

export interface KraftPartition {
  readonly replicas: readonly number[]
  readonly leader: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  /** The log directories of the replicas (KIP-858); may be empty. */
  readonly directories: readonly string[]
}

type Of<T extends MetadataRecord['type']> = Extract<MetadataRecord, { type: T }>['record']

export class KraftState {
  /** By topic id. */
  readonly topics = new Map<string, KraftTopic>()
  readonly brokers = new Map<number, RegisterBrokerRecord>()
  /** Feature levels by name. */
  readonly features = new Map<string, number>()
  /** Records that are kept as they are, by what they are about. */
  readonly kept = new Map<string, Uint8Array>()
  /** All that need not be understood together: settings of brokers and groups, quotas, credentials, producer ids. */
  readonly others: MetadataChange[] = []
  readonly #topicIds = new Map<string, string>()

  constructor(records: readonly KraftRecord[]) {
    for (const each of records) this.#replay(each)
  }

  #replay({ record: { type, record }, value }: KraftRecord): void {
    switch (type) {
      case 'TopicRecord':
        return this.#putTopic(record)
      case 'PartitionRecord':
        return this.#putPartition(record)
      case 'PartitionChangeRecord':
        return this.#changePartition(record)
      case 'RemoveTopicRecord':
        return this.#removeTopic(record.topicId)
      case 'ConfigRecord':
        return this.#putConfig(record, value)
      case 'FeatureLevelRecord':
        this.features.set(record.name, record.featureLevel)
        return
      case 'RegisterBrokerRecord': {
        const change = decodeChange(value)
        if (change?.type === type) this.brokers.set(record.brokerId, change)
        return
      }
      case 'UnregisterBrokerRecord':
        this.brokers.delete(record.brokerId)
        return
      case 'ProducerIdsRecord':
      case 'ClientQuotaRecord':
      case 'UserScramCredentialRecord':
      case 'RemoveUserScramCredentialRecord':
        return this.#pass(value)
      case 'AccessControlEntryRecord':
      case 'RemoveAccessControlEntryRecord':
      case 'DelegationTokenRecord':
      case 'RemoveDelegationTokenRecord': {
        const subject = keptSubjectOf({ type, record } as MetadataRecord)
        if (subject?.effect === 'sets') this.kept.set(subject.key, value)
        else if (subject !== undefined) this.kept.delete(subject.key)
        return
      }
      // Who is up at the moment, which controllers there are, and marks of the log itself.
      case 'FenceBrokerRecord':
      case 'UnfenceBrokerRecord':
      case 'BrokerRegistrationChangeRecord':
      case 'RegisterControllerRecord':
      case 'NoOpRecord':
      case 'ZkMigrationStateRecord':
      case 'BeginTransactionRecord':
      case 'EndTransactionRecord':
      case 'AbortTransactionRecord':
      case 'ClearElrRecord':
        return
    }
  }

  #pass(value: Uint8Array): void {
    const change = decodeChange(value)
    if (change !== undefined) this.others.push(change)
  }

  #putTopic({ topicId, name }: Of<'TopicRecord'>): void {
    this.topics.set(topicId, { topicId, name, partitions: new Map(), configs: new Map() })
    this.#topicIds.set(name, topicId)
  }

  #putPartition(record: Of<'PartitionRecord'>): void {
    const { replicas, leader, leaderEpoch, partitionEpoch, directories } = record
    this.topics.get(record.topicId)?.partitions.set(record.partitionId, {
      ...{ replicas, leader, leaderEpoch, partitionEpoch },
      directories: directories ?? [],
    })
  }

  /** What is not said stays; a leader that is said begins a new epoch, also when it is the same as before. */
  #changePartition(record: Of<'PartitionChangeRecord'>): void {
    const partitions = this.topics.get(record.topicId)?.partitions
    const before = partitions?.get(record.partitionId)
    if (before === undefined) return
    const isSameLeader = record.leader === NO_LEADER_CHANGE
    partitions?.set(record.partitionId, {
      replicas: record.replicas ?? before.replicas,
      leader: isSameLeader ? before.leader : record.leader,
      leaderEpoch: before.leaderEpoch + (isSameLeader ? 0 : 1),
      partitionEpoch: before.partitionEpoch + 1,
      directories: record.directories ?? before.directories,
    })
  }

  #removeTopic(topicId: string): void {
    const topic = this.topics.get(topicId)
    if (topic === undefined) return
    this.topics.delete(topicId)
    this.#topicIds.delete(topic.name)
  }

  /** A topic's settings go with it: another of the same name begins with none. */
  #putConfig(record: Of<'ConfigRecord'>, bytes: Uint8Array): void {
    const { resourceType, resourceName, name, value } = record
    if (resourceType !== RESOURCE_TYPE.TOPIC) return this.#pass(bytes)
    const configs = this.topics.get(this.#topicIds.get(resourceName) ?? '')?.configs
    if (value === null) configs?.delete(name)
    else configs?.set(name, { type: 'ConfigRecord', resourceType, resourceName, name, value })
  }
}

/** Kafka's number for a leader that stays. */
const NO_LEADER_CHANGE = -2
