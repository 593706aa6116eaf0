import type { ErrorName } from '@varve/protocol'
import type { MetadataImage } from '../../metadata/image.ts'
import type { Timer, World } from '../../world.ts'
import type { MarkerTargets, TransactionMarker } from '../markers.ts'
import { shardOf } from '../runtime/shard-of.ts'
import type { MarkerErrand } from './errand.ts'
import type { TransactionEvent } from './event.ts'
import { TRANSACTIONS_TOPIC } from './transactions-topic.ts'

/** A partition that takes no marker now is tried again, and later each time. */
const AGAIN_MIN_MS = 50
const AGAIN_MAX_MS = 5_000

export interface MarkerWriterOptions {
  readonly world: World
  readonly metadata: { readonly image: MetadataImage }
  readonly targets: MarkerTargets
}

/** The markers of one transaction on their way. */
interface Delivery {
  readonly errand: MarkerErrand
  /** Whom to tell: the shard that asked last. */
  done: (event: TransactionEvent) => void
  open: readonly { readonly topic: string; readonly partition: number }[]
  timer: Timer | undefined
  hasFailed: boolean
}

/**
 * Writes the markers of transactions that are decided into all of their partitions, and tries again until each has its marker or is gone
 * (T5). It is given them when the decision is durable.
 */
export class MarkerWriter {
  readonly #options: MarkerWriterOptions
  readonly #deliveries = new Map<string, Delivery>()
  #isStopped = false

  constructor(options: MarkerWriterOptions) {
    this.#options = options
  }

  /** How many transactions have not all of their markers yet. */
  get count(): number {
    return this.#deliveries.size
  }

  /** Writes the markers; `done` gets `markers-written` when that is done. A shard that was loaded anew asks again, and is told instead of the one before. */
  readonly perform = (errand: MarkerErrand, done: (event: TransactionEvent) => void): void => {
    if (this.#isStopped) return
    const { transactionalId, producerId, producerEpoch, partitions } = errand
    const key = `${producerId}/${producerEpoch}/${transactionalId}`
    const begun = this.#deliveries.get(key)
    if (begun !== undefined) {
      begun.done = done
      return
    }
    const open = [...partitions].flatMap(([topic, indexes]) =>
      indexes.map(partition => ({ topic, partition })),
    )
    const delivery: Delivery = { errand, done, open, timer: undefined, hasFailed: false }
    this.#deliveries.set(key, delivery)
    this.#deliver(key, delivery, AGAIN_MIN_MS)
  }

  /** Writes no more; the next coordinator finds in its log what is left to do. */
  stop(): void {
    this.#isStopped = true
    for (const { timer } of this.#deliveries.values()) timer?.cancel()
    this.#deliveries.clear()
  }

  #deliver(key: string, delivery: Delivery, againMs: number): void {
    const { world } = this.#options
    this.#writeAll(delivery)
      .then(() => {
        if (this.#isStopped) return
        if (delivery.open.length === 0) {
          this.#deliveries.delete(key)
          const { transactionalId, producerId, producerEpoch } = delivery.errand
          delivery.done({ type: 'markers-written', transactionalId, producerId, producerEpoch })
          return
        }
        delivery.timer = world.clock.after(againMs, () =>
          this.#deliver(key, delivery, Math.min(againMs * 2, AGAIN_MAX_MS)),
        )
      })
      // Only a bug is thrown.
      .catch((error: unknown) => world.fail(error as Error))
  }

  /** Tries every partition that has no marker yet. All of them are appended to within the call, so they share a sync. */
  async #writeAll(delivery: Delivery): Promise<void> {
    const { targets } = this.#options
    const marker = this.#markerOf(delivery.errand)
    const tried = delivery.open
    const errors = await Promise.all(
      tried.map(({ topic, partition }) => targets.write(topic, partition, marker)),
    )
    delivery.open = tried.filter((_, index) => !isOver(errors[index] ?? 'NONE'))
    const failed = errors.find(error => !isOver(error))
    if (failed === undefined || delivery.hasFailed) return
    delivery.hasFailed = true
    const { transactionalId } = delivery.errand
    const { log } = this.#options.world
    const partitions = delivery.open.length
    log.warn('The markers of a transaction cannot be written everywhere yet.', {
      ...{ transactionalId, partitions, error: failed },
    })
  }

  #markerOf(errand: MarkerErrand): TransactionMarker {
    const { transactionalId, producerId, producerEpoch, result, transactionVersion } = errand
    const topic = this.#options.metadata.image.topics.byName.get(TRANSACTIONS_TOPIC)
    const shard = topic?.partitions[shardOf(transactionalId, topic.partitions.length)]
    const coordinatorEpoch = shard?.leaderEpoch ?? 0
    return { producerId, producerEpoch, result, transactionVersion, coordinatorEpoch }
  }
}

/**
 * Whether there is nothing to be done for a partition any more: it has its marker, or is deleted, or somebody has written there with a later
 * epoch, who could not have begun with a transaction open.
 */
function isOver(error: ErrorName): boolean {
  return (
    error === 'NONE' || error === 'UNKNOWN_TOPIC_OR_PARTITION' || error === 'INVALID_PRODUCER_EPOCH'
  )
}
