import { partitionKey } from './assignment.ts'
import type { Partition } from './partition.ts'

/** Partitions by the id and by the name of their topic. */
export class PartitionIndex {
  readonly #all = new Map<string, Partition>()
  readonly #byTopicId = new Map<string, Map<number, Partition>>()
  readonly #byName = new Map<string, Map<number, Partition>>()

  get size(): number {
    return this.#all.size
  }

  get(topicId: string, partition: number): Partition | undefined {
    return this.#byTopicId.get(topicId)?.get(partition)
  }

  getByName(topic: string, partition: number): Partition | undefined {
    return this.#byName.get(topic)?.get(partition)
  }

  all(): IterableIterator<Partition> {
    return this.#all.values()
  }

  /** Those of one topic; the list is the caller's. */
  ofTopic(topicId: string): readonly Partition[] {
    return [...(this.#byTopicId.get(topicId)?.values() ?? [])]
  }

  topicIds(): IterableIterator<string> {
    return this.#byTopicId.keys()
  }

  /** Adds a partition, or puts it in the place of the one that was there. */
  set(partition: Partition): void {
    this.#all.set(partitionKey(partition), partition)
    place(this.#byTopicId, partition.topicId, partition)
    place(this.#byName, partition.topic, partition)
  }

  delete(partition: Partition): void {
    this.#all.delete(partitionKey(partition))
    displace(this.#byTopicId, partition.topicId, partition)
    displace(this.#byName, partition.topic, partition)
  }
}

function place(
  index: Map<string, Map<number, Partition>>,
  topic: string,
  partition: Partition,
): void {
  const partitions = index.get(topic)
  if (partitions === undefined) index.set(topic, new Map([[partition.partition, partition]]))
  else partitions.set(partition.partition, partition)
}

function displace(
  index: Map<string, Map<number, Partition>>,
  topic: string,
  partition: Partition,
): void {
  const partitions = index.get(topic)
  partitions?.delete(partition.partition)
  if (partitions?.size === 0) index.delete(topic)
}
