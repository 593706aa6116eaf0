/** What the log's knowledge of producers says to a batch or a marker that wants in: sequences, epochs, transactions (T1, T4, T6, T7). */
import type { RecordBatch } from '@varve/protocol'
import type { AppendOptions, AppendResult } from './append.ts'
import type { LogSettings } from './log-settings.ts'
import type { ProducerState, SequenceCheck } from './producer-state.ts'
import type { Verification, Verifications } from './verifications.ts'

export interface ProducerDoor {
  readonly producers: ProducerState
  readonly verifications: Verifications
  /** Everything below may have been acknowledged. */
  readonly ackableEnd: number
}

/** Checks a batch that has a producer, changing nothing. */
export function checkProducer(
  batch: RecordBatch,
  { origin, verification }: AppendOptions,
  door: ProducerDoor,
): SequenceCheck {
  const { producers, ackableEnd } = door
  const check =
    origin === 'coordinator' ? producers.checkEpoch(batch) : producers.check(batch, ackableEnd)
  if (check.type !== 'next' || !batch.isTransactional) return check
  if (isOpen(batch, producers)) return check
  if (verification === 'off') return check
  return verification === undefined
    ? NOT_IN_TRANSACTION
    : checkVerification(batch, verification, door)
}

/** Whether the coordinator has to be asked before the batch may be appended: it would begin a transaction in this log. */
export function needsVerification(batch: RecordBatch, door: ProducerDoor): boolean {
  if (!batch.isTransactional || !batch.hasProducer || isOpen(batch, door.producers)) return false
  const check = door.producers.check(batch, door.ackableEnd)
  // What is out of order now need not be when those before it, which wait for the coordinator themselves, are in the log.
  const isEarly = check.type === 'refused' && check.error === 'OUT_OF_ORDER_SEQUENCE_NUMBER'
  return isEarly || check.type === 'next'
}

function isOpen(batch: RecordBatch, producers: ProducerState): boolean {
  const entry = producers.get(batch.producerId)
  return (
    entry !== undefined &&
    entry.transactionFirstOffset >= 0 &&
    entry.producerEpoch === batch.producerEpoch
  )
}

function checkVerification(
  batch: RecordBatch,
  verification: Verification,
  { producers, verifications }: ProducerDoor,
): SequenceCheck {
  const isOfBatch =
    verification.producerId === batch.producerId &&
    verification.producerEpoch === batch.producerEpoch
  if (!isOfBatch || !verifications.isValid(verification)) return NOT_IN_TRANSACTION
  const { baseSequence } = batch
  // Where nothing is known of the producer any sequence would do, but for one that has overtaken another.
  const first = verification.mode === 'add' ? 0 : verifications.lowestSequenceOf(verification)
  if (producers.get(batch.producerId) === undefined && baseSequence > first) {
    return {
      type: 'refused',
      error: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
      message: `Producer ${batch.producerId} begins its transaction here with sequence ${baseSequence}, an earlier one is missing.`,
    }
  }
  return { type: 'next' }
}

const NOT_IN_TRANSACTION: SequenceCheck = {
  type: 'refused',
  error: 'INVALID_TXN_STATE',
  message: 'The partition is in no transaction of this producer.',
}

/** What a check comes to for the batch; undefined when it may go on. */
export function resultOf(
  check: SequenceCheck,
  timestampType: LogSettings['timestampType'],
): AppendResult | undefined {
  switch (check.type) {
    case 'next':
      return undefined
    case 'refused':
      return { error: check.error, message: check.message }
    case 'duplicate': {
      const { baseOffset, lastOffset, timestamp } = check.original
      const logAppendTimeMs = timestampType === 'LogAppendTime' ? timestamp : -1
      return { outcome: 'duplicate', baseOffset, lastOffset, logAppendTimeMs }
    }
  }
}
