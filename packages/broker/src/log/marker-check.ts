import type { BatchRefusal } from './batch-door.ts'
import type { ProducerEntry } from './producer-state.ts'
import type { TransactionMarker } from './transaction-marker.ts'

/** What a marker is to what the log knows of its producer: to be written, there already, or from somebody who is past. */
export type MarkerCheck =
  | { readonly type: 'next' | 'repeated' }
  | ({ type: 'refused' } & BatchRefusal)

/** Checks a marker against the newest epochs (T4, T6). A log that knows nothing of the producer takes it: it fences what is still on its way. */
export function checkMarker(
  entry: ProducerEntry | undefined,
  marker: TransactionMarker,
): MarkerCheck {
  if (entry === undefined) return { type: 'next' }
  const { producerId, producerEpoch, coordinatorEpoch, transactionVersion } = marker
  const isOpen = entry.transactionFirstOffset >= 0
  const isSameEpoch = producerEpoch === entry.producerEpoch
  // KIP-890: from version 2 on a marker carries an epoch that no batch of its transaction has.
  const isLate = transactionVersion >= 2 && isSameEpoch && isOpen
  if (producerEpoch < entry.producerEpoch || isLate) {
    return {
      type: 'refused',
      error: 'INVALID_PRODUCER_EPOCH',
      message: `A marker of producer ${producerId} comes with epoch ${producerEpoch}, the newest is ${entry.producerEpoch}.`,
    }
  }
  if (coordinatorEpoch < entry.coordinatorEpoch) {
    return {
      type: 'refused',
      error: 'TRANSACTION_COORDINATOR_FENCED',
      message: `A marker comes with coordinator epoch ${coordinatorEpoch}, the newest is ${entry.coordinatorEpoch}.`,
    }
  }
  const isKnown = transactionVersion >= 2 || coordinatorEpoch === entry.coordinatorEpoch
  return { type: isSameEpoch && !isOpen && isKnown ? 'repeated' : 'next' }
}
