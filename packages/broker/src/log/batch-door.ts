/** What a produced batch must be to enter a log (reliability.md 4.9, rows 26 to 40). Everything else about its records is the clients' own affair. */
import {
  BATCH_HEADER_BYTES,
  batchProblems,
  type Codecs,
  CompressionError,
  CorruptRecordsError,
  type Crc32c,
  checkBatch,
  type ErrorName,
  type LogRecord,
  type RecordBatch,
  recordsOf,
} from '@varve/protocol'
import type { AppendOptions } from './append.ts'
import type { LogSettings } from './log-settings.ts'

const NO_TIMESTAMP = -1

/** Why a batch was not appended. */
export interface BatchRefusal {
  readonly error: Exclude<ErrorName, 'NONE'>
  /** A sentence for the client. */
  readonly message: string
  /** The records at fault, where single ones are. */
  readonly recordErrors?: readonly RecordRefusal[]
}

export interface RecordRefusal {
  readonly batchIndex: number
  readonly message: string
}

/** The means for checking a batch. */
export interface DoorTools {
  readonly crc32c: Crc32c
  readonly codecs: Codecs
}

/** The settings by which the batch is judged: what a coordinator writes may be as large as a segment. */
export function settingsFor(
  settings: LogSettings,
  records: Uint8Array,
  { limit }: AppendOptions,
): LogSettings {
  if (limit === undefined || records.length <= settings.maxMessageBytes) return settings
  return { ...settings, maxMessageBytes: settings.segmentBytes }
}

/** Checks the bytes that a producer sent for one partition, through a view over them; undefined when they may enter. */
export function refuseBatch(
  batch: RecordBatch,
  settings: LogSettings,
  { now, origin }: Pick<AppendOptions, 'now' | 'origin'>,
  tools: DoorTools,
): BatchRefusal | undefined {
  const { bytes } = batch
  if (bytes.length > settings.maxMessageBytes) return refuseSize(batch, settings)
  const problem = checkBatch(batch, tools.crc32c)
  const isAllowed = problem === 'producer without sequence' && origin === 'coordinator'
  if (problem !== undefined && !isAllowed)
    return { error: batchProblems[problem].error, message: batchProblems[problem].about }
  if (bytes.length > settings.segmentBytes) {
    return {
      error: 'RECORD_LIST_TOO_LARGE',
      message: `The record batch of ${bytes.length} bytes is larger than segment.bytes.`,
    }
  }
  return (
    refuseProducer(batch) ??
    refuseTimestamp(batch, settings, now) ??
    refuseRecords(batch, settings, tools)
  )
}

/** Too large: but a batch that is damaged, or more than one, is called that first. */
function refuseSize(batch: RecordBatch, settings: LogSettings): BatchRefusal {
  const { bytes } = batch
  if (bytes.length >= BATCH_HEADER_BYTES) {
    const { sizeBytes } = batch
    if (sizeBytes > bytes.length || sizeBytes < BATCH_HEADER_BYTES) {
      return { error: 'CORRUPT_MESSAGE', message: batchProblems['length beyond bytes'].about }
    }
    if (sizeBytes < bytes.length)
      return { error: 'INVALID_RECORD', message: batchProblems['more than one batch'].about }
  }
  return {
    error: 'MESSAGE_TOO_LARGE',
    message: `The record batch of ${bytes.length} bytes is larger than max.message.bytes, ${settings.maxMessageBytes}.`,
  }
}

function refuseProducer(batch: RecordBatch): BatchRefusal | undefined {
  if (!batch.hasProducer) return undefined
  if (batch.producerEpoch < 0)
    return {
      error: 'INVALID_PRODUCER_EPOCH',
      message: 'The record batch has a producer id but no epoch.',
    }
  if (batch.producerId === Number.MAX_SAFE_INTEGER)
    return { error: 'INVALID_RECORD', message: 'The producer id is out of range.' }
  return undefined
}

/** By the header's first and greatest time: records are not opened for it. */
function refuseTimestamp(
  batch: RecordBatch,
  settings: LogSettings,
  now: number,
): BatchRefusal | undefined {
  if (settings.timestampType === 'LogAppendTime') return undefined
  if (batch.timestampType === 'LogAppendTime') {
    return { error: 'INVALID_TIMESTAMP', message: 'A producer may not set the append time.' }
  }
  const { baseTimestamp, maxTimestamp } = batch
  const isAllowed =
    isAllowedTime(maxTimestamp, settings, now) && isAllowedTime(baseTimestamp, settings, now)
  return isAllowed
    ? undefined
    : {
        error: 'INVALID_TIMESTAMP',
        message: `The timestamp ${maxTimestamp} is out of the range that the topic allows.`,
      }
}

function isAllowedTime(timestamp: number, settings: LogSettings, now: number): boolean {
  if (timestamp === NO_TIMESTAMP) return true
  return (
    timestamp >= 0 &&
    now - timestamp <= settings.timestampBeforeMaxMs &&
    timestamp - now <= settings.timestampAfterMaxMs
  )
}

/** Opens the records where somebody relies on them: on compacted topics, and everywhere with `produce.batch.validation=strict`. */
function refuseRecords(
  batch: RecordBatch,
  settings: LogSettings,
  tools: DoorTools,
): BatchRefusal | undefined {
  const isCompacted = settings.cleanupPolicy.includes('compact')
  if (!isCompacted && settings.batchValidation === 'header') return undefined
  const baseOffset = batch.baseOffset
  let index = 0
  try {
    for (const record of recordsOf(batch, tools.codecs, settings.maxDecompressedBytes)) {
      const message = recordProblem(record, {
        expectedOffset: baseOffset + index,
        isCompacted,
        maxTimestamp: batch.maxTimestamp,
      })
      if (message !== undefined) {
        return {
          error: 'INVALID_RECORD',
          message: 'A record of the batch is not valid.',
          recordErrors: [{ batchIndex: index, message }],
        }
      }
      index++
    }
    return undefined
  } catch (error) {
    return refusalOfError(error)
  }
}

function recordProblem(
  record: LogRecord,
  expected: {
    readonly expectedOffset: number
    readonly isCompacted: boolean
    readonly maxTimestamp: number
  },
): string | undefined {
  if (record.offset !== expected.expectedOffset)
    return 'The offsets of the records do not count up by one.'
  if (expected.isCompacted && record.key === null)
    return 'A record of a compacted topic needs a key.'
  return record.timestamp > expected.maxTimestamp
    ? 'The record is newer than the batch says.'
    : undefined
}

function refusalOfError(error: unknown): BatchRefusal {
  if (error instanceof CorruptRecordsError)
    return { error: 'INVALID_RECORD', message: `${error.message}.` }
  if (!(error instanceof CompressionError)) throw error
  switch (error.problem) {
    case 'corrupt':
      return { error: 'CORRUPT_MESSAGE', message: 'The records cannot be decompressed.' }
    case 'too large':
      return {
        error: 'MESSAGE_TOO_LARGE',
        message: 'The records are larger than max.decompressed.message.bytes.',
      }
    case 'unsupported':
      return {
        error: 'UNSUPPORTED_COMPRESSION_TYPE',
        message: 'There is no codec for the records.',
      }
  }
}
