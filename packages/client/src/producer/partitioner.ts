import { Buffer } from 'node:buffer'
import type { TopicImage } from '../cluster/image.ts'
import { badOption } from '../options.ts'
import type { Random } from '../platform.ts'
import { partitionOfKey } from './murmur2.ts'
import type { Field, ProducerRecord } from './record.ts'

/** Chooses a partition, 0 <= n < `topic.partitionsCount`. */
export type Partitioner = (
  record: ProducerRecord,
  topic: { readonly name: string; readonly partitionsCount: number },
) => number

/**
 * Chooses partitions for the records of one topic. Without a key it stays on one partition until a batch's worth of bytes
 * went there and then moves to another by chance (KIP-794), so that few records make full batches and many spread evenly.
 */
export class TopicPartitioner {
  readonly #custom: Partitioner | undefined
  readonly #stickyBytes: number
  readonly #random: Random
  #sticky = -1
  #sentBytes = 0

  constructor(settings: {
    readonly partitioner: Partitioner | undefined
    readonly stickyBytes: number
    readonly random: Random
  }) {
    this.#custom = settings.partitioner
    this.#stickyBytes = settings.stickyBytes
    this.#random = settings.random
  }

  choose(record: ProducerRecord, topic: TopicImage, sizeBytes: number): number {
    const partitionsCount = topic.partitions.length
    const { partition, key } = record
    if (partition !== undefined) return inRange({ name: 'partition', partition }, topic)
    if (this.#custom !== undefined) {
      const chosen = this.#custom(record, { name: topic.name, partitionsCount })
      return inRange({ name: 'what the partitioner returned', partition: chosen }, topic)
    }
    if (key !== undefined && key !== null) return partitionOfKey(bytesOf(key), partitionsCount)
    return this.#stick(topic, sizeBytes)
  }

  #stick(topic: TopicImage, sizeBytes: number): number {
    if (
      this.#sticky < 0 ||
      this.#sticky >= topic.partitions.length ||
      this.#sentBytes >= this.#stickyBytes
    ) {
      const available = topic.partitions.filter(({ leaderId }) => leaderId >= 0)
      const choices = available.length > 0 ? available : topic.partitions
      this.#sticky = choices[this.#random.below(choices.length)]?.partition ?? 0
      this.#sentBytes = 0
    }
    this.#sentBytes += sizeBytes
    return this.#sticky
  }
}

function bytesOf(field: Exclude<Field, null>): Uint8Array {
  return typeof field === 'string' ? Buffer.from(field) : field
}

function inRange(choice: { name: string; partition: number }, topic: TopicImage): number {
  const { name, partition } = choice
  const count = topic.partitions.length
  if (Number.isInteger(partition) && partition >= 0 && partition < count) return partition
  throw badOption({
    name,
    value: partition,
    expected: `0 to ${count - 1}, the partitions of topic ${topic.name}`,
  })
}
