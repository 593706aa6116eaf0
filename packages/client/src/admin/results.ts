import type { Outcome } from '../cluster/outcome.ts'

export interface NewTopic {
  readonly name: string
  /** Default: the broker's `num.partitions`. */
  readonly partitions?: number
  /** Default: the broker's `default.replication.factor`. */
  readonly replicationFactor?: number
  /** The replicas of each partition, the preferred leader first; instead of the two counts. */
  readonly assignments?: readonly (readonly number[])[]
  readonly configs?: { readonly [name: string]: string | number | boolean | null }
}

export interface CreatedTopic extends Outcome {
  readonly name: string
  readonly topicId: string
  /** -1 when the broker does not say. */
  readonly partitions: number
  readonly replicationFactor: number
}

export interface DeletedTopic extends Outcome {
  readonly name: string
}

export interface ListedTopic {
  readonly name: string
  readonly topicId: string
  readonly isInternal: boolean
  readonly partitions: number
  readonly replicationFactor: number
}

export interface DescribedTopic extends Outcome {
  readonly name: string
  readonly topicId: string
  readonly isInternal: boolean
  readonly partitions: readonly DescribedPartition[]
}

export interface DescribedPartition extends Outcome {
  readonly partition: number
  /** -1: there is no leader now. */
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly inSyncReplicas: readonly number[]
  readonly offlineReplicas: readonly number[]
}

export interface NewPartitions {
  readonly topic: string
  /** How many partitions the topic is to have in all. */
  readonly count: number
  /** The replicas of each new partition. */
  readonly assignments?: readonly (readonly number[])[]
}

export interface TopicOutcome extends Outcome {
  readonly topic: string
}

export type ConfigResourceType = 'topic' | 'broker' | 'broker-logger' | 'client-metrics' | 'group'

/** What has settings. The broker named '' stands for the default of all brokers. */
export interface ConfigResource {
  readonly type: ConfigResourceType
  readonly name: string
}

export interface DescribedConfigs extends ConfigResource, Outcome {
  readonly configs: readonly DescribedConfig[]
}

export interface DescribedConfig {
  readonly name: string
  /** Null when it is a secret, or has no value. */
  readonly value: string | null
  readonly source: ConfigSource
  readonly type: ConfigType
  readonly isReadOnly: boolean
  readonly isSensitive: boolean
  readonly documentation: string | null
  /** The values that stand behind this one, in the order in which they would take its place. */
  readonly synonyms: readonly ConfigSynonym[]
}

export interface ConfigSynonym {
  readonly name: string
  readonly value: string | null
  readonly source: ConfigSource
}

export const configSources = [
  'unknown',
  'topic',
  'dynamic broker',
  'dynamic default broker',
  'static broker',
  'default',
  'dynamic broker logger',
  'client metrics',
  'group',
] as const
/** Where a value comes from. */
export type ConfigSource = (typeof configSources)[number]

export const configTypes = [
  'unknown',
  'boolean',
  'string',
  'int',
  'short',
  'long',
  'double',
  'list',
  'class',
  'password',
] as const
export type ConfigType = (typeof configTypes)[number]

/** Changes of one resource's settings. `append` and `subtract` are for lists; `remove` brings the default back. */
export interface ConfigChanges extends ConfigResource {
  readonly set?: { readonly [name: string]: string | number | boolean }
  readonly remove?: readonly string[]
  readonly append?: { readonly [name: string]: string }
  readonly subtract?: { readonly [name: string]: string }
}

/** All settings that a resource is to have; every other goes back to its default. */
export interface ConfigReplacement extends ConfigResource {
  readonly configs: { readonly [name: string]: string | number | boolean }
}

export interface ConfigOutcome extends ConfigResource, Outcome {}

export interface DescribedCluster {
  readonly clusterId: string
  readonly controllerId: number
  readonly brokers: readonly DescribedBroker[]
}

export interface DescribedBroker {
  readonly brokerId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

export interface DescribedLogDir extends Outcome {
  readonly brokerId: number
  readonly path: string
  /** -1 when the broker does not say. */
  readonly totalBytes: number
  readonly usableBytes: number
  readonly partitions: readonly LogDirPartition[]
}

export interface LogDirPartition {
  readonly topic: string
  readonly partition: number
  readonly sizeBytes: number
  readonly offsetLag: number
  readonly isFuture: boolean
}
