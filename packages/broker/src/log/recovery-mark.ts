/**
 * `recovery-mark`, one for each log that has a large active segment: how far the log was synced at some moment, and all that a scan up to there
 * would find, so that a start after a crash goes on from there. It believes no other file that is written in place: the indexes are copied into it.
 * int16 version 1, uint32 CRC-32C of what follows, int64 offset, int64 base offset of the segment, and of that segment int64 bytes, int64 first timestamp,
 * int64 largest timestamp, int64 its offset, int64 bytes since the last index entry; then five parts, each int32 size and bytes: the entries of the
 * offset index, of the time index and of the index of aborted transactions, the producer snapshot, and its sequences (`producer-snapshot.ts`).
 *
 * Kafka ignores the file, and a clean stop removes it.
 */
import { type Crc32c, readInt64BE, writeInt64BE } from '@varve/protocol'
import { OffsetIndex } from './offset-index.ts'
import { decodeProducerSnapshot, type SnapshotContent } from './producer-snapshot.ts'
import type { ProducerEntry } from './producer-state.ts'
import type { SegmentImage } from './segment-state.ts'
import { TimeIndex } from './time-index.ts'
import { TransactionIndex } from './transaction-index.ts'

export const RECOVERY_MARK_FILE = 'recovery-mark'

const VERSION = 1
const CRC_END = 6
const NUMBERS = 7
const PARTS_START = CRC_END + NUMBERS * 8
const PARTS = 5

/** A log at the moment of a mark. */
export interface RecoveryMark {
  /** Everything below is in synced segments. It is where the segment of the mark ended then. */
  readonly offset: number
  readonly segment: SegmentImage
  /** The producers at `offset`. */
  readonly producers: readonly ProducerEntry[]
}

/** The content of the file, from what is in memory right now. */
export function encodeRecoveryMark(
  offset: number,
  segment: SegmentImage,
  producers: SnapshotContent,
  crc32c: Crc32c,
): Buffer {
  const numbers = [
    ...[offset, segment.baseOffset, segment.sizeBytes, segment.firstTimestamp],
    ...[segment.maxTimestamp, segment.offsetOfMaxTimestamp, segment.bytesSinceIndexEntry],
  ]
  const parts = [
    ...[segment.offsets.file.content, segment.times.file.content],
    ...[segment.transactions.file.content, producers.snapshot, producers.sequences],
  ]
  const partsBytes = parts.reduce((sum, part) => sum + 4 + part.length, 0)
  const bytes = Buffer.alloc(PARTS_START + partsBytes)
  bytes.writeInt16BE(VERSION, 0)
  numbers.forEach((value, index) => {
    writeInt64BE(bytes, CRC_END + index * 8, value)
  })
  let at = PARTS_START
  for (const part of parts) {
    at = bytes.writeInt32BE(part.length, at)
    at += part.copy(bytes, at)
  }
  bytes.writeUInt32BE(crc32c(bytes, CRC_END, bytes.length), 2)
  return bytes
}

/** Undefined when the file is damaged. */
export function decodeRecoveryMark(bytes: Buffer, crc32c: Crc32c): RecoveryMark | undefined {
  if (bytes.length < PARTS_START || bytes.readInt16BE(0) !== VERSION) return undefined
  if (bytes.readUInt32BE(2) !== crc32c(bytes, CRC_END, bytes.length)) return undefined
  const parts = partsOf(bytes)
  const [ofOffsets, ofTimes, ofTransactions, snapshot, sequences] = parts ?? []
  if (ofOffsets === undefined || ofTimes === undefined || ofTransactions === undefined)
    return undefined
  if (snapshot === undefined || sequences === undefined) return undefined
  const numberAt = (index: number) => readInt64BE(bytes, CRC_END + index * 8)
  const baseOffset = numberAt(1)
  const sizeBytes = numberAt(2)
  const offsets = new OffsetIndex(baseOffset)
  const times = new TimeIndex(baseOffset)
  const transactions = new TransactionIndex(baseOffset)
  const flaw =
    offsets.load(ofOffsets, sizeBytes) ?? times.load(ofTimes) ?? transactions.load(ofTransactions)
  const producers = decodeProducerSnapshot({ snapshot, sequences }, crc32c)
  if (flaw !== undefined || producers === undefined) return undefined
  // The files beside the segment are older, or from another time: none of this is known to be in them.
  for (const index of [offsets, times, transactions]) index.file.markUnwritten()
  return {
    offset: numberAt(0),
    segment: {
      ...{ baseOffset, sizeBytes, offsets, times, transactions },
      firstTimestamp: numberAt(3),
      maxTimestamp: numberAt(4),
      offsetOfMaxTimestamp: numberAt(5),
      bytesSinceIndexEntry: numberAt(6),
    },
    producers,
  }
}

/** Copies of the parts: an index that is loaded grows on in its own bytes. Undefined when they do not fill the file. */
function partsOf(bytes: Buffer): readonly Buffer[] | undefined {
  const parts: Buffer[] = []
  let at = PARTS_START
  while (parts.length < PARTS) {
    if (at + 4 > bytes.length) return undefined
    const start = at + 4
    const end = start + bytes.readInt32BE(at)
    if (end < start || end > bytes.length) return undefined
    parts.push(Buffer.from(bytes.subarray(start, end)))
    at = end
  }
  return at === bytes.length ? parts : undefined
}
