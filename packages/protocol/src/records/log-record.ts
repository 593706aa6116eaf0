import type { Buffer } from 'node:buffer'
import { bufferView } from '../wire/buffer-view.ts'
import { RecordCursor } from './record-cursor.ts'

/** A name and a value that travel with a record. Names may repeat; their order is kept. */
export interface RecordHeader {
  readonly key: string
  readonly value: Buffer | null
}

/** Where the parts of a record lie. Positions count from the start of `memory`; a length of -1 means null. */
export interface RecordLayout {
  readonly memory: ArrayBufferLike
  readonly keyStart: number
  readonly keyLength: number
  readonly valueStart: number
  readonly valueLength: number
  /** If there are any, they lie behind the value, their count first. */
  readonly headersCount: number
}

/** One record as it lies in the log. Key, value and headers are views that are made when asked for. */
export class LogRecord {
  readonly offset: number
  /** Milliseconds since 1970, saturated to the safe integers: the producer's time or the log's, as the batch says. */
  readonly timestamp: number
  // Not the layout itself, which would be a second object for each record.
  readonly #memory: ArrayBufferLike
  readonly #keyStart: number
  readonly #keyLength: number
  readonly #valueStart: number
  readonly #valueLength: number
  readonly #headersCount: number

  constructor(offset: number, timestamp: number, layout: RecordLayout) {
    this.offset = offset
    this.timestamp = timestamp
    this.#memory = layout.memory
    this.#keyStart = layout.keyStart
    this.#keyLength = layout.keyLength
    this.#valueStart = layout.valueStart
    this.#valueLength = layout.valueLength
    this.#headersCount = layout.headersCount
  }

  /** A view: it keeps the batch's bytes in memory, and changes if they do. */
  get key(): Buffer | null {
    const sizeBytes = this.#keyLength
    return sizeBytes < 0 ? null : bufferView(this.#memory, this.#keyStart, sizeBytes)
  }

  /** A view: it keeps the batch's bytes in memory, and changes if they do. Null is a tombstone in a compacted topic. */
  get value(): Buffer | null {
    const sizeBytes = this.#valueLength
    return sizeBytes < 0 ? null : bufferView(this.#memory, this.#valueStart, sizeBytes)
  }

  get headers(): readonly RecordHeader[] {
    if (this.#headersCount === 0) return NO_HEADERS
    // The iterator walked over these bytes before it made the record, so nothing here can run beyond them.
    const memory = this.#memory
    const start = this.#valueStart + Math.max(0, this.#valueLength)
    const bytes = bufferView(memory, start, memory.byteLength - start)
    const cursor = new RecordCursor(bytes, 0, bytes.length)
    const headers: RecordHeader[] = []
    for (let left = cursor.readVarint(); left > 0; left--) {
      const keyLength = cursor.readVarint()
      const keyStart = cursor.skip(keyLength)
      const key = bytes.toString('utf8', keyStart, keyStart + keyLength)
      const valueLength = cursor.readVarint()
      if (valueLength < 0) {
        headers.push({ key, value: null })
        continue
      }
      const valueStart = cursor.skip(valueLength)
      headers.push({ key, value: bytes.subarray(valueStart, valueStart + valueLength) })
    }
    return headers
  }
}

const NO_HEADERS: readonly RecordHeader[] = Object.freeze([])
