/**
 * `N.txnindex`: the aborted transactions whose ABORT markers lie in segment N. Entries of 34 bytes: int16 version 0, int64 producer id,
 * int64 first offset, int64 offset of the marker, int64 last stable offset. The markers' offsets grow. The file is there only when
 * there is an entry. A cache of the log, as the offset index is.
 */
import { readInt64BE, writeInt64BE } from '@varve/protocol'
import type { AbortedTransaction } from './aborted-transaction.ts'
import { IndexBytes, type IndexFlaw } from './index-bytes.ts'

const ENTRY_BYTES = 34
const VERSION = 0

export class TransactionIndex {
  readonly baseOffset: number
  readonly file = new IndexBytes(ENTRY_BYTES)

  constructor(baseOffset: number) {
    this.baseOffset = baseOffset
  }

  get count(): number {
    return this.file.count
  }

  append({ producerId, firstOffset, lastOffset, lastStableOffset }: AbortedTransaction): void {
    const at = this.file.extend()
    const { bytes } = this.file
    bytes.writeInt16BE(VERSION, at)
    writeInt64BE(bytes, at + 2, producerId)
    writeInt64BE(bytes, at + 10, firstOffset)
    writeInt64BE(bytes, at + 18, lastOffset)
    writeInt64BE(bytes, at + 26, lastStableOffset)
  }

  /**
   * Adds the transactions with a record in `[offset, endOffset)` to `found`. `all` when no later segment can have more of them: all
   * transactions that were open below `endOffset` had ended at one of this segment's markers.
   */
  collect(offset: number, endOffset: number, found: AbortedTransaction[]): 'all' | 'maybe more' {
    for (let at = this.#firstAt(offset); at < this.file.sizeBytes; at += ENTRY_BYTES) {
      const transaction = this.#read(at)
      if (transaction.firstOffset < endOffset) found.push(transaction)
      if (transaction.lastStableOffset >= endOffset) return 'all'
    }
    return 'maybe more'
  }

  /** All of them, in the order of their markers. */
  entries(): AbortedTransaction[] {
    const entries: AbortedTransaction[] = []
    for (let at = 0; at < this.file.sizeBytes; at += ENTRY_BYTES) entries.push(this.#read(at))
    return entries
  }

  load(content: Buffer): IndexFlaw | undefined {
    const flaw = this.file.load(content)
    if (flaw !== undefined) return flaw
    let previous = this.baseOffset - 1
    for (let at = 0; at < content.length; at += ENTRY_BYTES) {
      const { firstOffset, lastOffset, lastStableOffset } = this.#read(at)
      const isOrdered = firstOffset < lastOffset && previous < lastOffset
      if (!isOrdered || lastStableOffset > lastOffset + 1 || content.readInt16BE(at) !== VERSION)
        return 'its entries do not grow'
      previous = lastOffset
    }
    return undefined
  }

  /** The position of the first entry whose marker lies at or after `offset`. */
  #firstAt(offset: number): number {
    const { bytes } = this.file
    return this.file.prefixLength(at => readInt64BE(bytes, at + 18) < offset) * ENTRY_BYTES
  }

  #read(at: number): AbortedTransaction {
    const { bytes } = this.file
    return {
      producerId: readInt64BE(bytes, at + 2),
      firstOffset: readInt64BE(bytes, at + 10),
      lastOffset: readInt64BE(bytes, at + 18),
      lastStableOffset: readInt64BE(bytes, at + 26),
    }
  }
}
