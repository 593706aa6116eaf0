/** The batches of a segment or of a metadata snapshot, and their records. */
import {
  addToSequence,
  type Codecs,
  CompressionError,
  CorruptRecordsError,
  type Crc32c,
  checkFraming,
  type LogRecord,
  type RecordBatch,
  recordsOf,
} from '@varve/protocol'
import type { DiskFile } from '../../world.ts'
import { scanSegment } from '../scan-segment.ts'
import { decodeControl, decodeRecord, type RecordDecoder } from './decode-record.ts'
import type { BatchEntry, DumpEntry, RecordEntry } from './dump-entry.ts'

/** About how much of a file is read before what it holds is handed on. */
const PIECE_BYTES = 1024 * 1024

export interface DumpBatchesOptions {
  readonly crc32c: Crc32c
  readonly codecs: Codecs
  readonly records: 'shown' | 'left out'
  readonly decoder: RecordDecoder
  /** Ends after the batch with which so many bytes are reached. */
  readonly maxBytes: number
}

/** All batches from the start of the file, those with a wrong checksum too, up to where no batch can be told any more. */
export async function* dumpBatches(
  file: DiskFile,
  options: DumpBatchesOptions,
): AsyncGenerator<DumpEntry, void, void> {
  const { sizeBytes } = file
  for (let position = 0; position < Math.min(sizeBytes, options.maxBytes); ) {
    const found: DumpEntry[] = []
    const until = Math.min(position + PIECE_BYTES, options.maxBytes)
    const end = await scanSegment(file, {
      from: position,
      to: sizeBytes,
      visit: (batch, at) => {
        if (at >= until) return 'invalid'
        found.push(batchEntry(batch, at, options.crc32c))
        if (options.records === 'shown') found.push(...recordEntries(batch, at, options))
        return 'valid'
      },
    })
    yield* found
    if (end === position) {
      yield await endOfBatches(file, position)
      return
    }
    position = end
  }
}

function batchEntry(batch: RecordBatch, position: number, crc32c: Crc32c): BatchEntry {
  return {
    type: 'batch',
    baseOffset: batch.baseOffset,
    lastOffset: batch.lastOffset,
    recordsCount: batch.recordsCount,
    baseSequence: batch.baseSequence,
    lastSequence: batch.lastSequence,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    partitionLeaderEpoch: batch.partitionLeaderEpoch,
    isTransactional: batch.isTransactional,
    isControl: batch.isControl,
    deleteHorizonMs: batch.hasDeleteHorizon ? batch.baseTimestamp : undefined,
    position,
    timestampType: batch.timestampType,
    maxTimestamp: batch.maxTimestamp,
    sizeBytes: batch.sizeBytes,
    magic: batch.magic,
    compression: batch.compression ?? 'unknown',
    crc: batch.crc,
    crcIsValid: batch.crcIsValid(crc32c),
  }
}

function* recordEntries(
  batch: RecordBatch,
  position: number,
  { codecs, decoder }: DumpBatchesOptions,
): Generator<DumpEntry, void, void> {
  try {
    for (const record of recordsOf(batch, codecs)) yield recordEntry(batch, record, decoder)
  } catch (error) {
    if (!(error instanceof CorruptRecordsError) && !(error instanceof CompressionError)) throw error
    yield { type: 'flaw', position, about: `its records cannot be read: ${error.message}` }
  }
}

function recordEntry(batch: RecordBatch, record: LogRecord, decoder: RecordDecoder): RecordEntry {
  const { offset, timestamp, key, value } = record
  const { baseSequence } = batch
  return {
    type: 'record',
    offset,
    timestampType: batch.timestampType,
    timestamp,
    keyBytes: key?.length ?? -1,
    valueBytes: value?.length ?? -1,
    sequence: baseSequence < 0 ? -1 : addToSequence(baseSequence, offset - batch.baseOffset),
    // The window that they lie in is read into again.
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: record.headers.map(header => ({
      key: header.key,
      value: header.value === null ? null : Buffer.from(header.value),
    })),
    decoded: batch.isControl ? decodeControl(record) : decodeRecord(record, decoder),
  }
}

async function endOfBatches(file: DiskFile, position: number): Promise<DumpEntry> {
  const header = Buffer.alloc(Math.min(64, file.sizeBytes - position))
  const readBytes = await file.read(position, header)
  const problem = checkFraming(header.subarray(0, readBytes), 0)
  const restBytes = file.sizeBytes - position
  const about = `the last ${restBytes} bytes are no whole record batch: ${problem ?? 'cut off'}`
  return { type: 'flaw', position, about }
}
