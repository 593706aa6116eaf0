import type { ErrorName } from '@varve/protocol'
import { ConnectionError, ProtocolError, protocolError } from '../errors.ts'
import type { ProducerBatch } from './batch.ts'
import type { PartitionAnswer } from './produce-request.ts'

/** What came of sending a batch. */
export type Verdict =
  | { readonly type: 'appended'; readonly baseOffset: number; readonly logAppendTimeMs: number }
  | { readonly type: 'refused'; readonly error: Error }

/** Reads a broker's answer for one batch. */
export function verdictOf(batch: ProducerBatch, answer: PartitionAnswer | undefined): Verdict {
  const about = `writing to ${batch.topic}-${batch.partition}`
  if (answer === undefined) {
    return {
      type: 'refused',
      error: new ConnectionError(`${about}: the broker's answer leaves it out`),
    }
  }
  const error = protocolError(answer.errorCode, { about, detail: refusalDetail(answer) })
  if (error === undefined) return { type: 'appended', ...answer }
  // The broker has the batch from an earlier attempt, too long ago to remember where.
  if (error.error === 'DUPLICATE_SEQUENCE_NUMBER') {
    return { type: 'appended', baseOffset: -1, logAppendTimeMs: -1 }
  }
  return { type: 'refused', error }
}

/** The broker's own words for a refusal: the record that it names (KIP-467), or its message for the batch. */
function refusalDetail(answer: PartitionAnswer): string | null {
  const [first] = answer.recordErrors
  if (first === undefined) return answer.errorMessage
  return `record ${first.batchIndex} of the batch: ${first.batchIndexErrorMessage ?? answer.errorMessage}`
}

/** Refusals at the broker's door: nothing of the batch was appended, so its place in the sequence is free again. */
const REFUSED_AT_THE_DOOR: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'INVALID_RECORD',
  'INVALID_REQUIRED_ACKS',
  'INVALID_TIMESTAMP',
  'INVALID_TOPIC_EXCEPTION',
  'MESSAGE_TOO_LARGE',
  'POLICY_VIOLATION',
  'RECORD_LIST_TOO_LARGE',
  'TOPIC_AUTHORIZATION_FAILED',
  'UNSUPPORTED_COMPRESSION_TYPE',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
])

const NOT_APPENDED: ReadonlySet<ErrorName> = new Set<ErrorName>([
  ...REFUSED_AT_THE_DOOR,
  'NOT_ENOUGH_REPLICAS',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
])

/** Whether the log may hold a batch although sending it failed: the answer was lost, or came before all replicas had it. */
export function leavesDoubt(error: Error): boolean {
  return !(error instanceof ProtocolError && NOT_APPENDED.has(error.error))
}

/** Whether a batch was refused before anything of it was appended. */
export function isRefusedAtTheDoor(error: Error): boolean {
  return error instanceof ProtocolError && REFUSED_AT_THE_DOOR.has(error.error)
}
