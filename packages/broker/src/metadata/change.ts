/**
 * What can happen to the cluster's metadata: KRaft's metadata records by their names and fields, as far as Varve writes them.
 * They are what the metadata log holds, and the only thing that changes a `MetadataImage`.
 */
export type MetadataChange =
  | TopicRecord
  | PartitionRecord
  | RemoveTopicRecord
  | ConfigRecord
  | FeatureLevelRecord
  | ProducerIdsRecord
  | RegisterBrokerRecord

export interface TopicRecord {
  readonly type: 'TopicRecord'
  readonly name: string
  readonly topicId: string
}

/** One new partition, or the whole new state of a known one. */
export interface PartitionRecord {
  readonly type: 'PartitionRecord'
  readonly topicId: string
  readonly partitionId: number
  /** Broker ids, the preferred leader first. */
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  /** -1: nobody. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
}

/** Removes a topic with its partitions and its settings. */
export interface RemoveTopicRecord {
  readonly type: 'RemoveTopicRecord'
  readonly topicId: string
}

/** Sets one dynamic setting of a resource; null takes it back. */
export interface ConfigRecord {
  readonly type: 'ConfigRecord'
  readonly resourceType: number
  readonly resourceName: string
  readonly name: string
  readonly value: string | null
}

/** The kinds of resources that have dynamic settings, as the wire numbers them. */
export const RESOURCE_TYPE = {
  TOPIC: 2,
  BROKER: 4,
  BROKER_LOGGER: 8,
  CLIENT_METRICS: 16,
  GROUP: 32,
} as const

export interface FeatureLevelRecord {
  readonly type: 'FeatureLevelRecord'
  readonly name: string
  /** 0: the feature is switched off. */
  readonly featureLevel: number
}

/** Takes a block of producer ids: all below `nextProducerId` belong to somebody from now on. */
export interface ProducerIdsRecord {
  readonly type: 'ProducerIdsRecord'
  readonly brokerId: number
  readonly nextProducerId: number
}

/**
 * A broker came up. For one that is known already it says that the stop before was not clean: its log may have lost what
 * was never acknowledged, so the leader epoch of every partition that it leads grows by one.
 */
export interface RegisterBrokerRecord {
  readonly type: 'RegisterBrokerRecord'
  readonly brokerId: number
  /** A new id for every start. */
  readonly incarnationId: string
  readonly brokerEpoch: number
  readonly endPoints: readonly RegisteredEndPoint[]
  readonly rack: string | null
  readonly logDirs: readonly string[]
}

export interface RegisteredEndPoint {
  readonly name: string
  readonly host: string
  readonly port: number
  /** Kafka's number: 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
  readonly securityProtocol: number
}
