/**
 * The only writer of images. Total: a record that says nothing about anything known changes only the revision, so that a log
 * written by anyone reloads. State after running equals state after reloading, because both are this function.
 */
import {
  type ClientQuotaRecord,
  type ConfigRecord,
  type MetadataChange,
  type PartitionRecord,
  RESOURCE_TYPE,
  type RegisterBrokerRecord,
  type ScramCredential,
} from './change.ts'
import { DraftMap } from './draft-map.ts'
import type {
  BrokerImage,
  ClientQuotas,
  MetadataImage,
  PartitionImage,
  TopicImage,
} from './image.ts'
import { orderedEntity, quotaEntityKey } from './quota-entity.ts'

/** The image after one record. */
export function apply(image: MetadataImage, change: MetadataChange): MetadataImage {
  return applyAll(image, [change])
}

/** The image after some records, copying each map once instead of once per record. */
export function applyAll(image: MetadataImage, changes: readonly MetadataChange[]): MetadataImage {
  const draft = new Draft(image)
  for (const change of changes) draft.apply(change)
  return draft.image()
}

type Values = ReadonlyMap<string, string>

interface DraftTopic {
  topicId: string
  name: string
  partitions: PartitionImage[]
  configs: Map<string, string>
}

/** An image in the making. A map is copied when it is first written. */
class Draft {
  readonly #base: MetadataImage
  #revision: number
  #byId: Map<string, TopicImage> | undefined
  #byName: Map<string, TopicImage> | undefined
  /** The topics that this draft made itself, and so may change in place. */
  readonly #own = new Map<string, DraftTopic>()
  readonly #brokerConfigs: DraftMap<string, Values>
  readonly #groupConfigs: DraftMap<string, Values>
  readonly #clientMetricsConfigs: DraftMap<string, Values>
  readonly #clientQuotas: DraftMap<string, ClientQuotas>
  readonly #scramCredentials: DraftMap<string, ReadonlyMap<number, ScramCredential>>
  readonly #features: DraftMap<string, number>
  #nextProducerId: number
  readonly #brokers: DraftMap<number, BrokerImage>
  readonly #kept: DraftMap<string, Uint8Array>

  constructor(base: MetadataImage) {
    this.#base = base
    this.#revision = base.revision
    this.#brokerConfigs = new DraftMap(base.brokerConfigs)
    this.#groupConfigs = new DraftMap(base.groupConfigs)
    this.#clientMetricsConfigs = new DraftMap(base.clientMetricsConfigs)
    this.#clientQuotas = new DraftMap(base.clientQuotas)
    this.#scramCredentials = new DraftMap(base.scramCredentials)
    this.#features = new DraftMap(base.features)
    this.#nextProducerId = base.nextProducerId
    this.#brokers = new DraftMap(base.brokers)
    this.#kept = new DraftMap(base.kept)
  }

  image(): MetadataImage {
    return {
      revision: this.#revision,
      clusterId: this.#base.clusterId,
      topics: {
        byId: this.#byId ?? this.#base.topics.byId,
        byName: this.#byName ?? this.#base.topics.byName,
      },
      brokerConfigs: this.#brokerConfigs.map,
      groupConfigs: this.#groupConfigs.map,
      clientMetricsConfigs: this.#clientMetricsConfigs.map,
      clientQuotas: this.#clientQuotas.map,
      scramCredentials: this.#scramCredentials.map,
      features: this.#features.map,
      nextProducerId: this.#nextProducerId,
      brokers: this.#brokers.map,
      kept: this.#kept.map,
    }
  }

  apply(change: MetadataChange): void {
    this.#revision++
    switch (change.type) {
      case 'TopicRecord':
        return this.#putTopic(change.topicId, change.name)
      case 'PartitionRecord':
        return this.#putPartition(change)
      case 'RemoveTopicRecord':
        return this.#removeTopic(change.topicId)
      case 'ConfigRecord':
        return this.#putConfig(change)
      case 'FeatureLevelRecord':
        this.#features.put(change.name, change.featureLevel)
        return
      case 'ProducerIdsRecord':
        this.#nextProducerId = change.nextProducerId
        return
      case 'RegisterBrokerRecord':
        return this.#registerBroker(change)
      case 'UnregisterBrokerRecord':
        this.#brokers.put(change.brokerId, undefined)
        return
      case 'ClientQuotaRecord':
        return this.#putQuota(change)
      case 'UserScramCredentialRecord': {
        const { salt, storedKey, serverKey, iterations } = change
        return this.#putCredential(change, { salt, storedKey, serverKey, iterations })
      }
      case 'RemoveUserScramCredentialRecord':
        return this.#putCredential(change, undefined)
      case 'KeptRecord':
        this.#kept.put(change.key, change.value)
        return
    }
  }

  get #topicsById(): ReadonlyMap<string, TopicImage> {
    return this.#byId ?? this.#base.topics.byId
  }

  get #topicsByName(): ReadonlyMap<string, TopicImage> {
    return this.#byName ?? this.#base.topics.byName
  }

  #putTopic(topicId: string, name: string): void {
    if (this.#topicsById.has(topicId) || this.#topicsByName.has(name)) return
    this.#put({ topicId, name, partitions: [], configs: new Map() })
  }

  #put(topic: DraftTopic): void {
    this.#byId ??= new Map(this.#base.topics.byId)
    this.#byName ??= new Map(this.#base.topics.byName)
    this.#byId.set(topic.topicId, topic)
    this.#byName.set(topic.name, topic)
    this.#own.set(topic.topicId, topic)
  }

  /** The topic as a value that this draft may write; undefined when there is none. */
  #writable(topicId: string): DraftTopic | undefined {
    const own = this.#own.get(topicId)
    if (own !== undefined) return own
    const topic = this.#topicsById.get(topicId)
    if (topic === undefined) return undefined
    const copy = { ...topic, partitions: [...topic.partitions], configs: new Map(topic.configs) }
    this.#put(copy)
    return copy
  }

  #putPartition(change: PartitionRecord): void {
    const topic = this.#writable(change.topicId)
    // Partitions are numbered without gaps: one that would leave a gap belongs to no topic that was ever made.
    if (
      topic === undefined ||
      change.partitionId < 0 ||
      change.partitionId > topic.partitions.length
    )
      return
    const { leader, leaderEpoch, replicas, isr, partitionEpoch } = change
    topic.partitions[change.partitionId] = { leader, leaderEpoch, replicas, isr, partitionEpoch }
  }

  #removeTopic(topicId: string): void {
    const topic = this.#topicsById.get(topicId)
    if (topic === undefined) return
    this.#byId ??= new Map(this.#base.topics.byId)
    this.#byName ??= new Map(this.#base.topics.byName)
    this.#byId.delete(topicId)
    this.#byName.delete(topic.name)
    this.#own.delete(topicId)
  }

  #putConfig(change: ConfigRecord): void {
    const { resourceName, name } = change
    const value = change.value ?? undefined
    if (change.resourceType === RESOURCE_TYPE.TOPIC) {
      const topicId = this.#topicsByName.get(resourceName)?.topicId
      const topic = topicId === undefined ? undefined : this.#writable(topicId)
      if (value === undefined) topic?.configs.delete(name)
      else topic?.configs.set(name, value)
    } else if (change.resourceType === RESOURCE_TYPE.BROKER) {
      putSetting(this.#brokerConfigs, resourceName, { name, value })
    } else if (change.resourceType === RESOURCE_TYPE.GROUP) {
      putSetting(this.#groupConfigs, resourceName, { name, value })
    } else if (change.resourceType === RESOURCE_TYPE.CLIENT_METRICS) {
      putSetting(this.#clientMetricsConfigs, resourceName, { name, value })
    }
  }

  #putQuota({ entity, key, value, remove }: ClientQuotaRecord): void {
    const entityKey = quotaEntityKey(entity)
    const quotas = this.#clientQuotas.get(entityKey)
    const values = withEntry(quotas?.values ?? new Map(), key, remove ? undefined : value)
    const next = values.size === 0 ? undefined : { entity: orderedEntity(entity), values }
    this.#clientQuotas.put(entityKey, next)
  }

  #putCredential(
    of: { readonly name: string; readonly mechanism: number },
    credential: ScramCredential | undefined,
  ): void {
    const all = this.#scramCredentials
    const ofUser = withEntry(all.get(of.name) ?? new Map(), of.mechanism, credential)
    all.put(of.name, ofUser.size === 0 ? undefined : ofUser)
  }

  #registerBroker(change: RegisterBrokerRecord): void {
    const { brokerId, brokerEpoch, incarnationId, endPoints, rack, logDirs } = change
    const isKnown = this.#brokers.has(brokerId)
    const broker = { brokerId, brokerEpoch, incarnationId, endPoints, rack, logDirs }
    this.#brokers.put(brokerId, broker)
    if (isKnown) this.#bumpLeaderEpochs(brokerId)
  }

  #bumpLeaderEpochs(brokerId: number): void {
    for (const [topicId, { partitions }] of [...this.#topicsById]) {
      if (!partitions.some(partition => partition.leader === brokerId)) continue
      const topic = this.#writable(topicId)
      if (topic === undefined) continue
      topic.partitions = topic.partitions.map(partition =>
        partition.leader !== brokerId
          ? partition
          : {
              ...partition,
              leaderEpoch: partition.leaderEpoch + 1,
              partitionEpoch: partition.partitionEpoch + 1,
            },
      )
    }
  }
}

function putSetting(
  configs: DraftMap<string, Values>,
  resourceName: string,
  setting: { readonly name: string; readonly value: string | undefined },
): void {
  const settings = withEntry(configs.get(resourceName) ?? new Map(), setting.name, setting.value)
  configs.put(resourceName, settings.size === 0 ? undefined : settings)
}

/** A copy of the map with the entry set, or without it when the value is undefined. */
function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V | undefined): ReadonlyMap<K, V> {
  const copy = new Map(map)
  if (value === undefined) copy.delete(key)
  else copy.set(key, value)
  return copy
}
