import { addToSequence } from '@varve/protocol'
import type { Cluster } from '../cluster/cluster.ts'
import { FencedError, isRetriable, ProtocolError, TimeoutError } from '../errors.ts'
import type { Accumulator } from './accumulator.ts'
import { NO_STAMP, type ProducerBatch } from './batch.ts'
import type { Flushes } from './flushes.ts'
import type { PartitionQueue } from './partition-queue.ts'
import type { PartitionAnswer, SentBatch } from './produce-request.ts'
import type { SendingTransaction } from './sending-transaction.ts'
import { isRefusedAtTheDoor, leavesDoubt } from './verdict.ts'

export interface BatchOutcomesParts {
  readonly cluster: Cluster
  readonly deliveryTimeoutMs: number
  readonly accumulator: Accumulator
  readonly flushes: Flushes
  readonly transaction: () => SendingTransaction | undefined
  /** A partition is to be tried again after a while. */
  readonly onRetry: (queue: PartitionQueue, error: Error) => void
}

/** What becomes of a batch after an attempt: acknowledged, sent again, split, or given up. */
export class BatchOutcomes {
  readonly #parts: BatchOutcomesParts

  constructor(parts: BatchOutcomesParts) {
    this.#parts = parts
  }

  acknowledged(
    { queue, batch }: SentBatch,
    answer: Pick<PartitionAnswer, 'baseOffset' | 'logAppendTimeMs'>,
  ): void {
    queue.acknowledged(batch)
    batch.acknowledge(answer.baseOffset, answer.logAppendTimeMs)
    this.#release(batch)
  }

  refused({ queue, batch }: SentBatch, error: Error): void {
    const name = error instanceof ProtocolError ? error.error : undefined
    const isGivenUp = batch.isSettled || this.#parts.transaction()?.failure !== undefined
    // Parts of a batch that the log may hold already would not be recognised as repetitions.
    const maySplit = batch.recordsCount > 1 && !batch.isInDoubt && !isGivenUp
    if (name === 'MESSAGE_TOO_LARGE' && maySplit) {
      this.#split(queue, batch)
      return
    }
    batch.isInDoubt ||= leavesDoubt(error)
    if (batch.isSettled || batch.deadline <= this.#now()) {
      this.giveUp({ queue, batch }, this.#outOfTime(batch, error))
      return
    }
    if (this.#parts.transaction() === undefined) this.#refusedAlone({ queue, batch }, error)
    else this.#refusedInTransaction({ queue, batch }, error)
  }

  giveUp({ queue, batch }: SentBatch, error: Error): void {
    const wasSent = batch.attempts > 0
    const transaction = this.#parts.transaction()
    queue.resolve(batch)
    // What follows in the sequence and is under way will be refused, and then gets a new one; see #refusedAlone.
    const isGap = wasSent && batch.stamp.producerId >= 0 && queue.unresolved.length === 0
    if (isGap && transaction === undefined) {
      if (isRefusedAtTheDoor(error) && !batch.isInDoubt) queue.rewind(batch)
      else queue.needsNewIdentity = true
    }
    batch.fail(error)
    this.#release(batch)
    transaction?.onFailure(error, { wasSent })
  }

  /** The time of a batch is up. One that is under way stays with its queue until it is answered. */
  expired({ queue, batch }: SentBatch): void {
    const error = this.#outOfTime(batch, undefined)
    if (!batch.isInFlight) {
      this.giveUp({ queue, batch }, error)
      return
    }
    batch.fail(error)
    this.#parts.transaction()?.onFailure(error, { wasSent: true })
  }

  #now(): number {
    return this.#parts.cluster.settings.platform.clock.monotonic()
  }

  /** Without a transaction, a producer that cannot go on under its id goes on under another one. */
  #refusedAlone({ queue, batch }: SentBatch, error: Error): void {
    if (batch.stamp.producerId >= 0 && isOutOfSequence(error)) {
      // With an earlier batch unresolved this is only its consequence; else the broker's memory of the sequence has a gap.
      if (queue.isFirstUnresolved(batch)) this.#lostSequence(queue, error)
      queue.retry()
      return
    }
    if (isRetriable(error)) {
      queue.retry()
      this.#parts.onRetry(queue, error)
      return
    }
    const name = error instanceof ProtocolError ? error.error : undefined
    if (name === 'INVALID_PRODUCER_EPOCH' || name === 'PRODUCER_FENCED') {
      queue.needsNewIdentity = true
      this.giveUp({ queue, batch }, new FencedError(error.message, { cause: error }))
      return
    }
    this.giveUp({ queue, batch }, error)
  }

  /** In a transaction, a gap in the sequence is the end of it (KIP-360); and once it has failed, nothing is sent again. */
  #refusedInTransaction({ queue, batch }: SentBatch, error: Error): void {
    const isConsequence = isOutOfSequence(error) && !queue.isFirstUnresolved(batch)
    const hasFailed = this.#parts.transaction()?.failure !== undefined
    if (hasFailed || !(isConsequence || isRetriable(error))) {
      this.giveUp({ queue, batch }, error)
      return
    }
    queue.retry()
    if (!isConsequence) this.#parts.onRetry(queue, error)
  }

  #lostSequence(queue: PartitionQueue, error: Error): void {
    if (queue.needsNewIdentity) return
    queue.needsNewIdentity = true
    const { topic, partition } = queue
    const message =
      "the broker does not follow on this producer's sequence; going on under a new producer id"
    this.#parts.cluster.settings.log.warn(message, { topic, partition, ...queue.identity, error })
  }

  #split(queue: PartitionQueue, batch: ProducerBatch): void {
    const { platform, log } = this.#parts.cluster.settings
    const [first, second] = batch.halves(platform.codecs)
    first.stamp = batch.stamp
    second.stamp =
      batch.stamp === NO_STAMP
        ? NO_STAMP
        : {
            ...batch.stamp,
            baseSequence: addToSequence(batch.stamp.baseSequence, first.recordsCount),
          }
    queue.replace(batch, [first, second])
    this.#parts.accumulator.replaced(batch, [first, second])
    const { topic, partition, recordsCount, sizeBytes } = batch
    log.debug('splitting a batch that is too large', { topic, partition, recordsCount, sizeBytes })
  }

  #release(batch: ProducerBatch): void {
    this.#parts.accumulator.release(batch)
    this.#parts.flushes.settle()
  }

  #outOfTime(batch: ProducerBatch, cause: Error | undefined): Error {
    const { topic, partition, recordsCount, attempts } = batch
    const { deliveryTimeoutMs } = this.#parts
    const about = `${recordsCount} records for ${topic}-${partition} were not acknowledged within ${deliveryTimeoutMs} ms`
    const why = cause === undefined ? '' : `: ${cause.message}`
    return new TimeoutError(`${about}, in ${attempts} attempts${why}`, { cause })
  }
}

function isOutOfSequence(error: Error): boolean {
  if (!(error instanceof ProtocolError)) return false
  return error.error === 'OUT_OF_ORDER_SEQUENCE_NUMBER' || error.error === 'UNKNOWN_PRODUCER_ID'
}
