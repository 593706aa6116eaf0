/**
 * Control records: what brokers write between users' records. The key is `version INT16, type INT16`; the value begins with its own
 * INT16 version. Clients pass over them, unknown types too.
 */
import { Buffer } from 'node:buffer'
import type { Crc32c } from '../wire/crc32c.ts'
import { BatchBuilder } from './batch-builder.ts'
import type { RecordBatch } from './record-batch.ts'
import { recordsOf } from './record-iterator.ts'

/** The types of control records; the index is the number in the key. */
export const controlTypes = [
  'ABORT',
  'COMMIT',
  'LEADER_CHANGE',
  'SNAPSHOT_HEADER',
  'SNAPSHOT_FOOTER',
  'KRAFT_VERSION',
  'KRAFT_VOTERS',
] as const

export type ControlType = (typeof controlTypes)[number]

/** A control record as it was read. The type is undefined for those of a later version of the protocol. */
export interface ControlRecord {
  readonly offset: number
  readonly type: ControlType | undefined
  /** With its version in front. */
  readonly value: Buffer | null
}

const KEY_BYTES = 4

/** The control records of a batch whose `isControl` is true. Throws a `CorruptRecordsError` as `recordsOf` does. */
export function controlRecordsOf(batch: RecordBatch): ControlRecord[] {
  const found: ControlRecord[] = []
  for (const { offset, key, value } of recordsOf(batch)) {
    const type =
      key === null || key.length < KEY_BYTES ? undefined : controlTypes[key.readInt16BE(2)]
    found.push({ offset, type, value })
  }
  return found
}

/** What a control batch is made of. Offset 0 and epoch -1, if left out, are for the log to set. */
export interface ControlBatchInput {
  readonly type: ControlType
  readonly value: Uint8Array
  readonly timestamp: number
  readonly baseOffset?: number
  readonly partitionLeaderEpoch?: number
  readonly crc32c?: Crc32c
}

/** Builds a batch of one control record of any type that belongs to no producer. */
export function buildControlBatch(input: ControlBatchInput): Buffer {
  return controlBuilder(input).build({ ...input, isControl: true })
}

/** The mark that ends a transaction in one partition. */
export interface TransactionMarker {
  readonly type: 'ABORT' | 'COMMIT'
  readonly producerId: number
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  readonly timestamp: number
}

/** Builds the control batch of a transaction marker, as the transaction coordinator has it written. */
export function buildTransactionMarker(
  marker: TransactionMarker,
  place: Pick<ControlBatchInput, 'baseOffset' | 'partitionLeaderEpoch' | 'crc32c'> = {},
): Buffer {
  const value = Buffer.alloc(6)
  value.writeInt32BE(marker.coordinatorEpoch, 2)
  const { producerId, producerEpoch } = marker
  return controlBuilder({ ...marker, value }).build({
    ...place,
    producerId,
    producerEpoch,
    isControl: true,
    isTransactional: true,
  })
}

/** The coordinator epoch in the value of an ABORT or COMMIT record; undefined if the value is not one. */
export function markerCoordinatorEpoch(record: ControlRecord): number | undefined {
  const { type, value } = record
  if ((type !== 'ABORT' && type !== 'COMMIT') || value === null || value.length < 6)
    return undefined
  return value.readInt32BE(2)
}

function controlBuilder(input: ControlBatchInput): BatchBuilder {
  const key = Buffer.alloc(KEY_BYTES)
  key.writeInt16BE(controlTypes.indexOf(input.type), 2)
  const builder = new BatchBuilder()
  builder.append({ key, value: input.value, timestamp: input.timestamp })
  return builder
}
