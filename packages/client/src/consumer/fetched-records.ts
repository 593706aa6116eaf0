import {
  batchesOf,
  type Codecs,
  type Crc32c,
  type LogRecord,
  type RecordBatch,
  recordsOf,
} from '@varve/protocol'
import { ProtocolError } from '../errors.ts'

/** A transaction of this producer that was aborted, and where it began in this partition. */
export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

export interface FetchedOptions {
  readonly topic: string
  readonly partition: number
  readonly bytes: Uint8Array
  /** Where the fetch asked to begin: batches come whole, so earlier records may stand before it. */
  readonly fetchOffset: number
  /** Records from here on are left out. */
  readonly endOffset: number
  readonly highWatermark: number
  readonly abortedTransactions: readonly AbortedTransaction[]
  readonly codecs: Codecs
  /** Undefined: checksums are not verified. */
  readonly crc32c: Crc32c | undefined
  readonly decompressedBytesMax: number
}

const ABORT_MARKER = 0

/**
 * The records of one partition in the answer to a fetch, opened one batch at a time as they are taken. Left out are control
 * records, records before the place that was asked for, and those of aborted transactions.
 */
export class FetchedRecords {
  readonly highWatermark: number
  readonly sizeBytes: number
  /** The offset after the last whole batch: where the next fetch begins. */
  readonly nextOffset: number
  /** The leader epoch of the last whole batch, -1 without one (KIP-320). */
  readonly lastLeaderEpoch: number
  /** The offset after what was taken, counting what was left out on the way. */
  position: number
  readonly #options: FetchedOptions
  readonly #batches: Iterator<RecordBatch>
  readonly #aborted: AbortedTransaction[]
  readonly #abortedProducers = new Set<number>()
  #records: Iterator<LogRecord> | undefined
  #batchEnd = 0

  constructor(options: FetchedOptions) {
    this.#options = options
    this.highWatermark = options.highWatermark
    this.sizeBytes = options.bytes.length
    this.position = options.fetchOffset
    let nextOffset = options.fetchOffset
    let leaderEpoch = -1
    this.#guarded(() => {
      for (const batch of batchesOf(options.bytes)) {
        nextOffset = Math.max(nextOffset, batch.lastOffset + 1)
        leaderEpoch = batch.partitionLeaderEpoch
      }
    })
    this.nextOffset = nextOffset
    this.lastLeaderEpoch = leaderEpoch
    this.#aborted = [...options.abortedTransactions].sort((a, b) => a.firstOffset - b.firstOffset)
    this.#batches = batchesOf(options.bytes)
  }

  /** The next record, or undefined at the end. Throws CORRUPT_MESSAGE where the bytes are not what they should be. */
  take(): LogRecord | undefined {
    try {
      return this.#take()
    } catch (error) {
      throw this.#corrupt(error)
    }
  }

  #take(): LogRecord | undefined {
    for (;;) {
      if (this.#records === undefined && !this.#openBatch()) return undefined
      const next = this.#records?.next()
      if (next === undefined || next.done === true) {
        this.#records = undefined
        this.position = Math.max(this.position, this.#batchEnd)
        continue
      }
      const { offset } = next.value
      if (offset < this.position) continue
      if (offset >= this.#options.endOffset) {
        // Compaction may have left a gap before the end: there is nothing more to come from it.
        this.position = this.#options.endOffset
        this.#records = undefined
        return undefined
      }
      this.position = offset + 1
      return next.value
    }
  }

  /** Opens the next batch that holds records for the reader; false at the end. */
  #openBatch(): boolean {
    const { codecs, crc32c, decompressedBytesMax, endOffset } = this.#options
    for (;;) {
      if (this.position >= endOffset) return false
      const next = this.#batches.next()
      if (next.done === true) return false
      const batch = next.value
      if (crc32c !== undefined && !batch.crcIsValid(crc32c)) {
        throw new Error(`the checksum of the batch at offset ${batch.baseOffset} is wrong`)
      }
      this.#batchEnd = batch.lastOffset + 1
      if (this.#batchEnd > this.position && !this.#isLeftOut(batch)) {
        this.#records = recordsOf(batch, codecs, decompressedBytesMax)
        return true
      }
      this.position = Math.max(this.position, this.#batchEnd)
    }
  }

  /** KIP-98: a transaction is aborted from its first offset, which the answer names, to its marker. */
  #isLeftOut(batch: RecordBatch): boolean {
    while ((this.#aborted[0]?.firstOffset ?? Number.POSITIVE_INFINITY) <= batch.lastOffset) {
      this.#abortedProducers.add((this.#aborted.shift() as AbortedTransaction).producerId)
    }
    if (batch.isControl) {
      if (this.#abortedProducers.has(batch.producerId) && markerType(batch) === ABORT_MARKER) {
        this.#abortedProducers.delete(batch.producerId)
      }
      return true
    }
    return batch.isTransactional && this.#abortedProducers.has(batch.producerId)
  }

  #guarded(read: () => void): void {
    try {
      read()
    } catch (error) {
      throw this.#corrupt(error)
    }
  }

  #corrupt(error: unknown): ProtocolError {
    const { topic, partition } = this.#options
    const about = `reading ${topic}-${partition} at offset ${this.position}`
    const corrupt = new ProtocolError(
      'CORRUPT_MESSAGE',
      about,
      error instanceof Error ? error.message : String(error),
    )
    corrupt.cause = error
    return corrupt
  }
}

/** The type that the key of a control record names after its version. */
function markerType(batch: RecordBatch): number {
  const [marker] = recordsOf(batch)
  const key = marker?.key
  return key !== undefined && key !== null && key.length >= 4 ? key.readInt16BE(2) : -1
}
