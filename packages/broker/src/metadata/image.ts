/** The cluster's metadata at one revision: an immutable value, changed only by applying records (`apply.ts`). */
import type { RegisteredEndPoint } from './change.ts'

export interface MetadataImage {
  /** The number of records that made this image: the offset that the next record of the metadata log will have. */
  readonly revision: number
  readonly clusterId: string
  readonly topics: TopicsImage
  /** Dynamic broker settings: by broker id in decimal, and under `''` the defaults for the whole cluster. */
  readonly brokerConfigs: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Dynamic group settings, by group id. */
  readonly groupConfigs: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Finalized feature levels by name. */
  readonly features: ReadonlyMap<string, number>
  /** The first producer id that belongs to nobody. */
  readonly nextProducerId: number
  readonly brokers: ReadonlyMap<number, BrokerImage>
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

/** The image before the first record. */
export function emptyImage(clusterId: string): MetadataImage {
  return {
    revision: 0,
    clusterId,
    topics: { byId: new Map(), byName: new Map() },
    brokerConfigs: new Map(),
    groupConfigs: new Map(),
    features: new Map(),
    nextProducerId: 0,
    brokers: new Map(),
  }
}
