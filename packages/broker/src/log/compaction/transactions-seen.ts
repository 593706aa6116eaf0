import type { RecordBatch } from '@varve/protocol'

/**
 * Follows the transactions of a log from batch to batch, to know whether a marker is still needed: as long as there is a batch of its
 * transaction, even an empty one, the marker says what became of it (C3, KAFKA-8351).
 */
export class TransactionsSeen {
  readonly #open = new Set<number>()

  /** Records of a producer, or an empty batch that was left of them. */
  sawRecords(batch: RecordBatch): void {
    if (batch.isTransactional) this.#open.add(batch.producerId)
  }

  /** Ends the transaction; true when nothing of it was seen, so that the marker stands alone. */
  endedWithoutRecords(marker: RecordBatch): boolean {
    return !this.#open.delete(marker.producerId)
  }
}
