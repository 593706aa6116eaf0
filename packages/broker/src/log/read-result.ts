/** What a reader asks of a log. */
export interface ReadRange {
  readonly offset: number
  /** Nothing at or beyond this offset is returned. */
  readonly endOffset: number
  readonly maxBytes: number
  /** Returns the first batch even when it is larger than `maxBytes` (KIP-74). */
  readonly firstBatchWhole: boolean
}

/** Whole batches in offset order; the first may begin before the offset that was asked for. */
export interface ReadResult {
  /** The bytes, not copied: valid until `release`, and not to be changed. */
  readonly parts: readonly Uint8Array[]
  readonly sizeBytes: number
  /** Gives the bytes back; call it once they were handed to the operating system. Absent when there is nothing to give back. */
  readonly release?: () => void
}

/** Nothing there (yet). */
export const NOTHING_READ: ReadResult = { parts: [], sizeBytes: 0 }
