import { Buffer } from 'node:buffer'
import { RecordCursor } from './record-cursor.ts'

/** A name and a value that travel with a record. Names may repeat; their order is kept. */
export interface RecordHeader {
  readonly key: string
  readonly value: Buffer | null
}

/** Where the parts of a record lie in its batch's bytes. A length of -1 means null. */
export interface RecordLayout {
  readonly bytes: Buffer
  readonly keyStart: number
  readonly keyLength: number
  readonly valueStart: number
  readonly valueLength: number
  readonly headersStart: number
  readonly headersCount: number
}

/** One record as it lies in the log. Key, value and headers are views that are made when asked for. */
export class LogRecord {
  readonly offset: number
  /** Milliseconds since 1970, saturated to the safe integers: the producer's time or the log's, as the batch says. */
  readonly timestamp: number
  readonly #layout: RecordLayout

  constructor(offset: number, timestamp: number, layout: RecordLayout) {
    this.offset = offset
    this.timestamp = timestamp
    this.#layout = layout
  }

  /** A view: it keeps the batch's bytes in memory, and changes if they do. */
  get key(): Buffer | null {
    const { bytes, keyStart, keyLength } = this.#layout
    return keyLength < 0 ? null : bytes.subarray(keyStart, keyStart + keyLength)
  }

  /** A view: it keeps the batch's bytes in memory, and changes if they do. Null is a tombstone in a compacted topic. */
  get value(): Buffer | null {
    const { bytes, valueStart, valueLength } = this.#layout
    return valueLength < 0 ? null : bytes.subarray(valueStart, valueStart + valueLength)
  }

  get headers(): readonly RecordHeader[] {
    const { bytes, headersStart, headersCount } = this.#layout
    if (headersCount === 0) return NO_HEADERS
    // The iterator walked over these bytes before it made the record, so nothing here can run beyond them.
    const cursor = new RecordCursor(bytes, headersStart, bytes.length)
    const headers: RecordHeader[] = []
    for (let index = 0; index < headersCount; index++) {
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
