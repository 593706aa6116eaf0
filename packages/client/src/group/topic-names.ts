import { Metadata } from '@varve/protocol'
import type { Cluster } from '../cluster/cluster.ts'
import type { TopicPartition } from '../consumer/topic-partition.ts'
import type { TopicIdPartitions } from './consumer-requests.ts'

/** Translates between the topic ids that KIP-848 speaks in and the names that everyone else uses. */
export class TopicNames {
  readonly #cluster: Cluster
  readonly #names = new Map<string, string>()
  readonly #ids = new Map<string, string>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** The partitions by name. Ids that are not known are asked for; a topic that is gone by then is left out. */
  async named(
    topics: readonly TopicIdPartitions[],
  ): Promise<(TopicPartition & { topicId: string })[]> {
    this.#learn()
    const unknown = topics.map(({ topicId }) => topicId).filter(id => !this.#names.has(id))
    if (unknown.length > 0) await this.#ask(unknown)
    return topics.flatMap(({ topicId, partitions }) => {
      const topic = this.#names.get(topicId)
      if (topic === undefined) return []
      return partitions.map(partition => ({ topic, partition, topicId }))
    })
  }

  /** Whether the name of this id is known. */
  has(topicId: string): boolean {
    return this.#names.has(topicId)
  }

  /** The partitions by id. They were learnt by id, so the id is known. */
  byId(partitions: readonly TopicPartition[]): TopicIdPartitions[] {
    const topics = new Map<string, number[]>()
    for (const { topic, partition } of partitions) {
      const topicId = this.#ids.get(topic)
      if (topicId === undefined) continue
      topics.set(topicId, [...(topics.get(topicId) ?? []), partition])
    }
    return [...topics].map(([topicId, numbers]) => ({ topicId, partitions: numbers }))
  }

  #learn(): void {
    for (const { name, topicId } of this.#cluster.image.topics.values()) this.#set(topicId, name)
  }

  #set(topicId: string, name: string): void {
    this.#names.set(topicId, name)
    this.#ids.set(name, topicId)
  }

  async #ask(topicIds: readonly string[]): Promise<void> {
    const { apiTimeoutMs } = this.#cluster.settings
    const response = await this.#cluster.requestAny(
      Metadata,
      { topics: topicIds.map(topicId => ({ topicId, name: null })) },
      { about: 'looking up the topics of the group', timeoutMs: apiTimeoutMs },
    )
    for (const { name, topicId } of response.topics) {
      if (name === null || name === '') continue
      this.#set(topicId, name)
      this.#cluster.track(name)
    }
  }
}
