import type { TopicPartition } from '../consumer/topic-partition.ts'
import { partitionKey } from '../group/assignors/claims.ts'

export interface AddedPartitionsParts {
  readonly add: (partitions: readonly TopicPartition[]) => Promise<void>
  readonly onAdded: () => void
  readonly onFailure: (error: unknown) => void
}

/** The partitions of a transaction v1, which has to be told of each before its first batch: one request at a time, for all that came together. */
export class AddedPartitions {
  readonly #parts: AddedPartitionsParts
  readonly #added = new Set<string>()
  readonly #wanted = new Map<string, TopicPartition>()
  #adding: Promise<void> | undefined

  constructor(parts: AddedPartitionsParts) {
    this.#parts = parts
  }

  /** Whether a partition is in the transaction; has it added where it is not. */
  has({ topic, partition }: TopicPartition): boolean {
    const key = partitionKey({ topic, partition })
    if (this.#added.has(key)) return true
    this.#wanted.set(key, { topic, partition })
    this.#adding ??= this.#add()
    return false
  }

  /** Resolves when no request is under way. */
  settled(): Promise<void> {
    return this.#adding ?? Promise.resolve()
  }

  async #add(): Promise<void> {
    try {
      // Others that are wanted in the same turn go along.
      await Promise.resolve()
      while (this.#wanted.size > 0) {
        const partitions = [...this.#wanted]
        await this.#parts.add(partitions.map(([, at]) => at))
        for (const [key] of partitions) {
          this.#wanted.delete(key)
          this.#added.add(key)
        }
        this.#parts.onAdded()
      }
    } catch (error) {
      this.#parts.onFailure(error)
    } finally {
      this.#adding = undefined
    }
  }
}
