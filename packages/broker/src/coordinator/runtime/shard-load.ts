/** Reading a shard's state back from its log. */
import {
  batchesOf,
  type Codecs,
  CompressionError,
  CorruptRecordsError,
  type ErrorName,
  type RecordBatch,
  recordsOf,
  WireError,
} from '@varve/protocol'
import { markerIn } from '../../log/aborted-transaction.ts'
import type { TransactionMarker } from '../../log/transaction-marker.ts'
import type { Partition } from '../../replication/partition.ts'
import { type Clock, DiskError, type Log } from '../../world.ts'
import type { StoredRecord } from './shard-logic.ts'

/** How much is read at once: a thousand small records, which take a few milliseconds. */
const READ_BYTES = 64 * 1024
/** How long records are applied before the event loop is let free. */
const SLICE_MS = 4
const PAUSE_MS = 1

export interface ShardLoad {
  readonly partition: Partition
  readonly clock: Clock
  readonly log: Log
  readonly codecs: Codecs
  /** Takes one record; its bytes are its own. The id is that of the producer in whose transaction it is. Throws `WireError`. */
  readonly take: (record: StoredRecord, producerId: number | undefined) => void
  /** Takes the marker of a transaction. */
  readonly takeMarker: (producerId: number, result: TransactionMarker['result']) => void
  /** False once nobody wants the result any more. */
  readonly isWanted: () => boolean
}

/**
 * Gives all records of the log to `take`, in order, up to the log's end, which is committed then (G3). Resolves with `NONE`, or with why the
 * state is not to be had: the log is offline or holds what nobody can read.
 */
export async function loadShard(load: ShardLoad): Promise<ErrorName> {
  try {
    return await replay(load)
  } catch (error) {
    const isOfLog =
      error instanceof DiskError ||
      error instanceof WireError ||
      error instanceof CorruptRecordsError ||
      error instanceof CompressionError
    if (!isOfLog) throw error
    // A partition that is being deleted cannot be read, and need not be.
    if (!load.isWanted() || load.partition.hasEnded) return 'NOT_LEADER_OR_FOLLOWER'
    const { topic, partition } = load.partition
    load.log.error('The state of a coordinator could not be read from its log.', {
      topic,
      partition,
      reason: error.message,
    })
    return 'KAFKA_STORAGE_ERROR'
  }
}

async function replay(load: ShardLoad): Promise<ErrorName> {
  const { partition, clock } = load
  let offset = partition.logStartOffset
  let busySince = clock.monotonic()
  while (load.isWanted()) {
    if (offset >= partition.highWatermark) {
      if (offset >= partition.logEndOffset) return 'NONE'
      // What a shard before this one had appended may still be on its way to the disk.
      const error = await committed(partition)
      if (error !== 'NONE') return error
      continue
    }
    const next = await applyFrom(load, offset)
    if (next === offset) return 'KAFKA_STORAGE_ERROR'
    offset = next
    if (clock.monotonic() - busySince < SLICE_MS) continue
    await new Promise<void>(resolve => clock.after(PAUSE_MS, resolve))
    busySince = clock.monotonic()
  }
  return 'NOT_LEADER_OR_FOLLOWER'
}

function committed(partition: Partition): Promise<ErrorName> {
  return new Promise(resolve => partition.whenCommitted(partition.logEndOffset, resolve))
}

/** Reads a piece of the log and applies it; gives the offset after it. */
async function applyFrom(load: ShardLoad, offset: number): Promise<number> {
  const { partition } = load
  const read = await partition.read({
    offset,
    maxBytes: READ_BYTES,
    upTo: 'high watermark',
    firstBatchWhole: true,
  })
  let next = offset
  try {
    const bytes = read.parts.length === 1 ? read.parts[0] : Buffer.concat(read.parts)
    for (const batch of batchesOf(bytes ?? new Uint8Array())) {
      if (batch.lastOffset < offset) continue
      applyBatch(load, batch)
      next = batch.lastOffset + 1
    }
  } finally {
    read.release?.()
  }
  return next
}

function applyBatch(load: ShardLoad, batch: RecordBatch): void {
  const { producerId, isTransactional } = batch
  if (batch.isControl) {
    const marker = batch.hasProducer ? markerIn(batch) : undefined
    if (marker !== undefined)
      load.takeMarker(producerId, marker.type === 'COMMIT' ? 'commit' : 'abort')
    return
  }
  const { settings } = load.partition
  const writer = isTransactional && batch.hasProducer ? producerId : undefined
  for (const { key, value } of recordsOf(batch, load.codecs, settings?.maxDecompressedBytes)) {
    // A record without a key says nothing about anything.
    if (key === null) continue
    const own = { key: Buffer.from(key), value: value === null ? null : ownBytes(value) }
    load.take(own, writer)
  }
}

/** Smaller values have nothing in them that a state would keep as bytes. */
const POOLED_BYTES_MAX = 64

/**
 * The bytes that were read belong to somebody else, and are many more than the state keeps of them. It may keep a view into a value: then a
 * pool would stay with it, and what a thousand other records left there.
 */
function ownBytes(value: Uint8Array): Uint8Array {
  return value.length > POOLED_BYTES_MAX ? new Uint8Array(value) : Buffer.from(value)
}
