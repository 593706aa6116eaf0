/**
 * `N.timeindex`: from timestamps to offsets of segment N. Entries of 12 bytes: int64 timestamp, int32 offset relative to N, which say
 * "every record with a greater timestamp has a greater offset"; an entry is only added for a timestamp greater than all before,
 * and one is forced when the segment is sealed. A cache of the segment, as the offset index is.
 */
import { readInt64BE, writeInt64BE } from '@varve/protocol'
import { IndexBytes, type IndexFlaw } from './index-bytes.ts'

const ENTRY_BYTES = 12
const NO_TIMESTAMP = -1

export class TimeIndex {
  readonly baseOffset: number
  readonly file = new IndexBytes(ENTRY_BYTES)

  constructor(baseOffset: number) {
    this.baseOffset = baseOffset
  }

  get count(): number {
    return this.file.count
  }

  /** -1 when there is no entry. */
  get lastTimestamp(): number {
    return this.count === 0
      ? NO_TIMESTAMP
      : readInt64BE(this.file.bytes, (this.count - 1) * ENTRY_BYTES)
  }

  /** The base offset when there is no entry. */
  get lastOffset(): number {
    const relative =
      this.count === 0 ? 0 : this.file.bytes.readInt32BE((this.count - 1) * ENTRY_BYTES + 8)
    return this.baseOffset + relative
  }

  /** Adds an entry if the timestamp is greater than all before. */
  maybeAppend(timestamp: number, offset: number): void {
    if (timestamp <= this.lastTimestamp) return
    const at = this.file.extend()
    writeInt64BE(this.file.bytes, at, timestamp)
    this.file.bytes.writeInt32BE(offset - this.baseOffset, at + 8)
  }

  /** An offset at or before which no record has a timestamp >= `timestamp`: where the search for the first such record begins. */
  floorOffset(timestamp: number): number {
    const bytes = this.file.bytes
    const length = this.file.prefixLength(at => readInt64BE(bytes, at) < timestamp)
    return this.baseOffset + (length === 0 ? 0 : bytes.readInt32BE((length - 1) * ENTRY_BYTES + 8))
  }

  /** All entries, in order. */
  *entries(): Generator<{ readonly timestamp: number; readonly offset: number }, void, void> {
    const { bytes } = this.file
    for (let at = 0; at < this.file.sizeBytes; at += ENTRY_BYTES)
      yield {
        timestamp: readInt64BE(bytes, at),
        offset: this.baseOffset + bytes.readInt32BE(at + 8),
      }
  }

  load(content: Buffer): IndexFlaw | undefined {
    const flaw = this.file.load(content)
    if (flaw !== undefined) return flaw
    let timestamp = NO_TIMESTAMP
    let offset = -1
    for (let at = 0; at < content.length; at += ENTRY_BYTES) {
      const nextTimestamp = readInt64BE(content, at)
      const nextOffset = content.readInt32BE(at + 8)
      if (nextTimestamp <= timestamp || nextOffset < offset) return 'its entries do not grow'
      timestamp = nextTimestamp
      offset = nextOffset
    }
    return undefined
  }
}
