/** The cluster's metadata at one revision: an immutable value, changed only by applying records (`apply.ts`). */
import type { QuotaEntity, RegisteredEndPoint, ScramCredential } from './change.ts'

export interface MetadataImage {
  /** The number of records that made this image: the offset that the next record of the metadata log will have. */
  readonly revision: number
  readonly clusterId: string
  readonly topics: TopicsImage
  /** Dynamic broker settings: by broker id in decimal, and under `''` the defaults for the whole cluster. */
  readonly brokerConfigs: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Dynamic group settings, by group id. */
  readonly groupConfigs: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Subscriptions to the metrics of clients (KIP-714), by name. */
  readonly clientMetricsConfigs: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Quotas by `quotaEntityKey`. */
  readonly clientQuotas: ReadonlyMap<string, ClientQuotas>
  /** What users may sign in with: by user, then by the number of the mechanism. */
  readonly scramCredentials: ReadonlyMap<string, ReadonlyMap<number, ScramCredential>>
  /** Finalized feature levels by name; one that was switched off stays, with level 0. */
  readonly features: ReadonlyMap<string, number>
  /** The first producer id that belongs to nobody. */
  readonly nextProducerId: number
  readonly brokers: ReadonlyMap<number, BrokerImage>
  /** Records of Kafka's of which this version makes no use, by what they are about. */
  readonly kept: ReadonlyMap<string, Uint8Array>
}

export interface TopicsImage {
  readonly byId: ReadonlyMap<string, TopicImage>
  readonly byName: ReadonlyMap<string, TopicImage>
}

export interface TopicImage {
  readonly topicId: string
  readonly name: string
  /** The partition's index is its place. */
  readonly partitions: readonly PartitionImage[]
  /** The settings that were set on this topic; the others follow the broker's. */
  readonly configs: ReadonlyMap<string, string>
}

export interface PartitionImage {
  /** Broker id, or -1 for nobody. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  /** Grows with every change of this partition. */
  readonly partitionEpoch: number
}

export interface BrokerImage {
  readonly brokerId: number
  readonly brokerEpoch: number
  readonly incarnationId: string
  readonly endPoints: readonly RegisteredEndPoint[]
  readonly rack: string | null
  readonly logDirs: readonly string[]
}

/** The quotas of one entity. */
export interface ClientQuotas {
  /** In the order of `orderedEntity`. */
  readonly entity: QuotaEntity
  /** Never empty. */
  readonly values: ReadonlyMap<string, number>
}

/** The image before the first record. */
export function emptyImage(clusterId: string): MetadataImage {
  return {
    revision: 0,
    clusterId,
    topics: { byId: new Map(), byName: new Map() },
    brokerConfigs: new Map(),
    groupConfigs: new Map(),
    clientMetricsConfigs: new Map(),
    clientQuotas: new Map(),
    scramCredentials: new Map(),
    features: new Map(),
    nextProducerId: 0,
    brokers: new Map(),
    kept: new Map(),
  }
}
