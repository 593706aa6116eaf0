/**
 * `N.snapshot`: the producer state at offset N, in Kafka's format: int16 version 1, uint32 CRC-32C of what follows, int32 count,
 * entries of 46 bytes. Kafka keeps one batch per producer in it; ours must recognise all of the newest five after a restart
 * (T1), so they are written beside it to `N.sequences`, which Kafka ignores: int16 version 1, uint32 CRC-32C of what follows,
 * uint32 CRC of the snapshot that it belongs to, int32 count, and per producer int64 id, float64 known sequences, int8 batches, per
 * batch int32 first sequence, int32 last sequence, int64 base offset, int64 last offset, int64 timestamp.
 *
 * Both are caches of the log: one that is missing or damaged is passed over, the state is replayed from an older one.
 */
import type { Crc32c } from '@varve/protocol'
import { addToSequence, readInt64BE, writeInt64BE } from '@varve/protocol'
import { PRODUCER_BATCHES_MAX, type ProducerBatch, type ProducerEntry } from './producer-state.ts'

const VERSION = 1
const HEADER_BYTES = 10
const ENTRY_BYTES = 46
const SEQUENCES_HEADER_BYTES = 14
const SEQUENCES_ENTRY_BYTES = 17
const SEQUENCES_BATCH_BYTES = 32
const SEQUENCE_MAX = 0x7fff_ffff

/** The two files of one snapshot. */
export interface SnapshotContent {
  readonly snapshot: Buffer
  readonly sequences: Buffer
}

export function encodeProducerSnapshot(
  entries: readonly ProducerEntry[],
  crc32c: Crc32c,
): SnapshotContent {
  const snapshot = encodeSnapshot(entries, crc32c)
  return { snapshot, sequences: encodeSequences(entries, snapshot.readUInt32BE(2), crc32c) }
}

/** The state that the files hold; undefined when the snapshot is damaged. Without valid `sequences` only the newest batch of each producer is known. */
export function decodeProducerSnapshot(
  files: { readonly snapshot: Buffer; readonly sequences: Buffer | undefined },
  crc32c: Crc32c,
): ProducerEntry[] | undefined {
  const { snapshot } = files
  if (snapshot.length < HEADER_BYTES || snapshot.readInt16BE(0) !== VERSION) return undefined
  const crc = snapshot.readUInt32BE(2)
  if (crc !== crc32c(snapshot, 6, snapshot.length)) return undefined
  const count = snapshot.readInt32BE(6)
  if (count < 0 || snapshot.length !== HEADER_BYTES + count * ENTRY_BYTES) return undefined
  const sequences =
    files.sequences === undefined ? undefined : decodeSequences(files.sequences, crc32c)
  const known = sequences?.snapshotCrc === crc ? sequences.known : undefined
  const entries: ProducerEntry[] = []
  for (let index = 0; index < count; index++) {
    const entry = readEntry(snapshot, HEADER_BYTES + index * ENTRY_BYTES)
    entries.push({ ...entry, ...known?.get(entry.producerId) })
  }
  return entries
}

function encodeSnapshot(entries: readonly ProducerEntry[], crc32c: Crc32c): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + entries.length * ENTRY_BYTES)
  bytes.writeInt16BE(VERSION, 0)
  bytes.writeInt32BE(entries.length, 6)
  entries.forEach((entry, index) => {
    const at = HEADER_BYTES + index * ENTRY_BYTES
    const newest = entry.batches.at(-1)
    writeInt64BE(bytes, at, entry.producerId)
    bytes.writeInt16BE(entry.producerEpoch, at + 8)
    bytes.writeInt32BE(newest?.lastSequence ?? -1, at + 10)
    writeInt64BE(bytes, at + 14, newest?.lastOffset ?? -1)
    bytes.writeInt32BE(newest === undefined ? 0 : newest.lastOffset - newest.baseOffset, at + 22)
    writeInt64BE(bytes, at + 26, entry.lastTimestamp)
    bytes.writeInt32BE(entry.coordinatorEpoch, at + 34)
    writeInt64BE(bytes, at + 38, entry.transactionFirstOffset)
  })
  bytes.writeUInt32BE(crc32c(bytes, 6, bytes.length), 2)
  return bytes
}

function readEntry(bytes: Buffer, at: number): ProducerEntry {
  const lastSequence = bytes.readInt32BE(at + 10)
  const lastOffset = readInt64BE(bytes, at + 14)
  const offsetDelta = bytes.readInt32BE(at + 22)
  const lastTimestamp = readInt64BE(bytes, at + 26)
  const newest: ProducerBatch = {
    firstSequence:
      lastSequence - offsetDelta >= 0
        ? lastSequence - offsetDelta
        : addToSequence(SEQUENCE_MAX, lastSequence - offsetDelta + 1),
    lastSequence,
    baseOffset: lastOffset - offsetDelta,
    lastOffset,
    timestamp: lastTimestamp,
  }
  return {
    producerId: readInt64BE(bytes, at),
    producerEpoch: bytes.readInt16BE(at + 8),
    batches: lastSequence < 0 ? [] : [newest],
    sequencesKnown: lastSequence < 0 ? 0 : offsetDelta + 1,
    lastTimestamp,
    coordinatorEpoch: bytes.readInt32BE(at + 34),
    transactionFirstOffset: readInt64BE(bytes, at + 38),
    sweep: 0,
  }
}

function encodeSequences(
  entries: readonly ProducerEntry[],
  snapshotCrc: number,
  crc32c: Crc32c,
): Buffer {
  let sizeBytes = SEQUENCES_HEADER_BYTES
  for (const { batches } of entries)
    sizeBytes += SEQUENCES_ENTRY_BYTES + batches.length * SEQUENCES_BATCH_BYTES
  const bytes = Buffer.alloc(sizeBytes)
  bytes.writeInt16BE(VERSION, 0)
  bytes.writeUInt32BE(snapshotCrc, 6)
  bytes.writeInt32BE(entries.length, 10)
  let at = SEQUENCES_HEADER_BYTES
  for (const entry of entries) {
    writeInt64BE(bytes, at, entry.producerId)
    bytes.writeDoubleBE(entry.sequencesKnown, at + 8)
    bytes.writeInt8(entry.batches.length, at + 16)
    at += SEQUENCES_ENTRY_BYTES
    for (const batch of entry.batches) {
      bytes.writeInt32BE(batch.firstSequence, at)
      bytes.writeInt32BE(batch.lastSequence, at + 4)
      writeInt64BE(bytes, at + 8, batch.baseOffset)
      writeInt64BE(bytes, at + 16, batch.lastOffset)
      writeInt64BE(bytes, at + 24, batch.timestamp)
      at += SEQUENCES_BATCH_BYTES
    }
  }
  bytes.writeUInt32BE(crc32c(bytes, 6, bytes.length), 2)
  return bytes
}

type KnownSequences = Pick<ProducerEntry, 'batches' | 'sequencesKnown'>

/** What `N.sequences` holds, and the checksum of the snapshot that it belongs to; undefined when it is damaged. */
export function decodeSequences(
  bytes: Buffer,
  crc32c: Crc32c,
):
  | { readonly snapshotCrc: number; readonly known: ReadonlyMap<number, KnownSequences> }
  | undefined {
  if (bytes.length < SEQUENCES_HEADER_BYTES || bytes.readInt16BE(0) !== VERSION) return undefined
  if (bytes.readUInt32BE(2) !== crc32c(bytes, 6, bytes.length)) return undefined
  const known = new Map<number, KnownSequences>()
  let at = SEQUENCES_HEADER_BYTES
  for (let remaining = bytes.readInt32BE(10); remaining > 0; remaining--) {
    if (at + SEQUENCES_ENTRY_BYTES > bytes.length) return undefined
    const producerId = readInt64BE(bytes, at)
    const sequencesKnown = bytes.readDoubleBE(at + 8)
    const count = bytes.readInt8(at + 16)
    at += SEQUENCES_ENTRY_BYTES
    if (
      count < 0 ||
      count > PRODUCER_BATCHES_MAX ||
      at + count * SEQUENCES_BATCH_BYTES > bytes.length
    )
      return undefined
    const batches: ProducerBatch[] = []
    for (let index = 0; index < count; index++, at += SEQUENCES_BATCH_BYTES)
      batches.push(readBatch(bytes, at))
    known.set(producerId, { batches, sequencesKnown })
  }
  return { snapshotCrc: bytes.readUInt32BE(6), known }
}

function readBatch(bytes: Buffer, at: number): ProducerBatch {
  return {
    firstSequence: bytes.readInt32BE(at),
    lastSequence: bytes.readInt32BE(at + 4),
    baseOffset: readInt64BE(bytes, at + 8),
    lastOffset: readInt64BE(bytes, at + 16),
    timestamp: readInt64BE(bytes, at + 24),
  }
}
