import type { Crc32c } from '../wire/crc32c.ts'
import {
  BATCH_HEADER_BYTES,
  BATCH_PREFIX_BYTES,
  batchAttributes,
  MAGIC_V2,
  type RecordBatch,
} from './record-batch.ts'
import { walkRecordLengths } from './record-lengths.ts'

/** What can be wrong with a batch that a producer sends, the protocol's error for it, and a sentence for the answer. */
export const batchProblems = {
  'no batch': { error: 'INVALID_RECORD', about: 'There is no record batch.' },
  'too short': { error: 'CORRUPT_MESSAGE', about: 'The record batch is shorter than its header.' },
  'length beyond bytes': { error: 'CORRUPT_MESSAGE', about: 'The record batch is cut off.' },
  'legacy magic': { error: 'INVALID_RECORD', about: 'Message formats 0 and 1 are not accepted.' },
  'unknown magic': { error: 'CORRUPT_MESSAGE', about: 'The record batch has an unknown format.' },
  'more than one batch': { error: 'INVALID_RECORD', about: 'There is more than one record batch.' },
  'wrong crc': { error: 'CORRUPT_MESSAGE', about: 'The checksum of the record batch is wrong.' },
  'unknown codec': {
    error: 'UNSUPPORTED_COMPRESSION_TYPE',
    about: 'The codec of the record batch is unknown.',
  },
  'control batch': { error: 'INVALID_RECORD', about: 'A client may not write control records.' },
  'unknown attributes': {
    error: 'INVALID_RECORD',
    about: 'The record batch has attributes that a producer may not set.',
  },
  'wrong count': {
    error: 'INVALID_RECORD',
    about: 'The count of records does not match the offsets.',
  },
  'wrong record lengths': {
    error: 'INVALID_RECORD',
    about: 'The records do not fill the record batch.',
  },
  'producer without sequence': {
    error: 'INVALID_RECORD',
    about: 'The record batch has a producer id but no sequence.',
  },
  'transaction without producer': {
    error: 'INVALID_RECORD',
    about: 'The record batch is transactional but has no producer id.',
  },
} as const satisfies Record<string, { error: string; about: string }>

export type BatchProblem = keyof typeof batchProblems

/** The attributes a producer may set: codec, timestamp type (the log decides it anyway) and the transactional mark. */
const PRODUCER_ATTRIBUTES =
  batchAttributes.codecMask | batchAttributes.logAppendTime | batchAttributes.transactional

/**
 * Checks what a producer sent for one partition, at the door: that the bytes below the view are exactly one whole, undamaged
 * batch whose header makes sense, and if it is uncompressed, that its records fill it. Undefined: nothing is wrong. Never
 * throws: the view may lie over anything.
 */
export function checkBatch(batch: RecordBatch, crc32c: Crc32c): BatchProblem | undefined {
  const { bytes } = batch
  if (bytes.length === 0) return 'no batch'
  const framing = checkFraming(bytes, 0)
  if (framing !== undefined) return framing
  if (batch.sizeBytes !== bytes.length) return 'more than one batch'
  if (!batch.crcIsValid(crc32c)) return 'wrong crc'
  return checkHeader(batch) ?? checkLengths(batch)
}

/**
 * Checks that a whole batch of magic 2 lies at `position`, so that a `RecordBatch` there is safe to read. It says nothing
 * about the content: use `crcIsValid`.
 */
export function checkFraming(bytes: Uint8Array, position: number): BatchProblem | undefined {
  const available = bytes.length - position
  if (available < BATCH_PREFIX_BYTES) return 'too short'
  const lengthBytes =
    (bytes[position + 8]! << 24) |
    (bytes[position + 9]! << 16) |
    (bytes[position + 10]! << 8) |
    bytes[position + 11]!
  // The magic lies at the same place in every format, and old formats have shorter headers: so it is looked at first.
  if (lengthBytes > 4 && available > 16) {
    const magic = bytes[position + 16]!
    if (magic < MAGIC_V2) return 'legacy magic'
    if (magic > MAGIC_V2) return 'unknown magic'
  }
  if (lengthBytes < BATCH_HEADER_BYTES - BATCH_PREFIX_BYTES) return 'too short'
  return lengthBytes > available - BATCH_PREFIX_BYTES ? 'length beyond bytes' : undefined
}

function checkHeader(batch: RecordBatch): BatchProblem | undefined {
  if (batch.compression === undefined) return 'unknown codec'
  if (batch.isControl) return 'control batch'
  if ((batch.attributes & ~PRODUCER_ATTRIBUTES) !== 0) return 'unknown attributes'
  if (batch.recordsCount <= 0 || batch.lastOffsetDelta !== batch.recordsCount - 1)
    return 'wrong count'
  if (batch.hasProducer) return batch.baseSequence < 0 ? 'producer without sequence' : undefined
  // A sequence without a producer id means nothing and is let pass: kafkajs sends 0 when it is not idempotent.
  return batch.isTransactional ? 'transaction without producer' : undefined
}

function checkLengths(batch: RecordBatch): BatchProblem | undefined {
  if (batch.compression !== 'none') return undefined
  return walkRecordLengths(batch) ? undefined : 'wrong record lengths'
}
