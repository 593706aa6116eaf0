import type { TopicImage } from '../cluster/image.ts'
import type { Delivery } from './delivery.ts'
import { PartitionQueue } from './partition-queue.ts'
import type { TopicPartitioner } from './partitioner.ts'
import type { ProducerRecord } from './record.ts'

/** A record that cannot go into a batch yet: its topic is not known, or there is no room. */
export interface WaitingRecord {
  readonly record: ProducerRecord
  readonly delivery: Delivery
  readonly tag: number
  readonly number: number
  readonly sizeBytes: number
  /** On the monotonic clock. */
  readonly deadline: number
}

/** What a producer keeps for one topic. */
export class TopicQueue {
  readonly name: string
  readonly partitioner: TopicPartitioner
  /** Undefined until the topic has been looked up. */
  image: TopicImage | undefined
  /** Records that came before that. */
  waiting: WaitingRecord[] = []
  readonly #partitions: PartitionQueue[] = []

  constructor(name: string, partitioner: TopicPartitioner) {
    this.name = name
    this.partitioner = partitioner
  }

  partition(partition: number): PartitionQueue {
    const known = this.#partitions[partition]
    if (known !== undefined) return known
    for (let next = this.#partitions.length; next <= partition; next += 1) {
      this.#partitions.push(new PartitionQueue(this.name, next))
    }
    return this.#partitions[partition] as PartitionQueue
  }
}
