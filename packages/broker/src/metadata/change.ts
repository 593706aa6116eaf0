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
  | UnregisterBrokerRecord
  | ClientQuotaRecord
  | UserScramCredentialRecord
  | RemoveUserScramCredentialRecord
  | KeptRecord

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
  /** 0: the feature is switched off, which is remembered: the next start does not switch it on again. */
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

/** A record of Kafka's of which this version makes no use (`kept-record.ts`): it stays as it is, for whoever does. */
export interface KeptRecord {
  readonly type: 'KeptRecord'
  /** What it is about: of two records about the same the later one counts. */
  readonly key: string
  /** The record as the log holds it. */
  readonly value: Uint8Array
}

/** A broker is gone for good. */
export interface UnregisterBrokerRecord {
  readonly type: 'UnregisterBrokerRecord'
  readonly brokerId: number
  readonly brokerEpoch: number
}

/** Sets one quota of an entity, or takes it back. */
export interface ClientQuotaRecord {
  readonly type: 'ClientQuotaRecord'
  readonly entity: QuotaEntity
  readonly key: string
  readonly value: number
  readonly remove: boolean
}

/** Who has a quota: users, client ids, both at once, or addresses; at most one of each type. */
export type QuotaEntity = readonly QuotaEntityPart[]

export interface QuotaEntityPart {
  /** `user`, `client-id` or `ip`. */
  readonly entityType: string
  /** Null: the default for all that have none of their own. */
  readonly entityName: string | null
}

/** A user may sign in with a password, of which this is what SCRAM keeps (RFC 5802). */
export interface UserScramCredentialRecord extends ScramCredential {
  readonly type: 'UserScramCredentialRecord'
  readonly name: string
  readonly mechanism: number
}

export interface ScramCredential {
  readonly salt: Uint8Array
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
  readonly iterations: number
}

export interface RemoveUserScramCredentialRecord {
  readonly type: 'RemoveUserScramCredentialRecord'
  readonly name: string
  readonly mechanism: number
}
