/**
 * `N.index`: from offsets to byte positions of segment N. Entries of 8 bytes, strictly growing: int32 last offset of a batch
 * relative to N, int32 position where that batch begins; one per `index.interval.bytes` of appended bytes. Kafka's brokers and
 * tools read it. It is a cache of the segment: a crash may leave it short or absent, recovery builds it again.
 */
import { IndexBytes, type IndexFlaw } from './index-bytes.ts'

const ENTRY_BYTES = 8

export class OffsetIndex {
  readonly baseOffset: number
  readonly file = new IndexBytes(ENTRY_BYTES)

  constructor(baseOffset: number) {
    this.baseOffset = baseOffset
  }

  get count(): number {
    return this.file.count
  }

  /** The last offset in the index, or the base offset when it is empty. */
  get lastOffset(): number {
    return this.count === 0
      ? this.baseOffset
      : this.baseOffset + this.#relativeOffset(this.count - 1)
  }

  /** The position of the batch that the last entry points to, 0 when there is none. */
  get lastPosition(): number {
    return this.count === 0 ? 0 : this.file.bytes.readInt32BE((this.count - 1) * ENTRY_BYTES + 4)
  }

  append(lastOffset: number, position: number): void {
    const at = this.file.extend()
    this.file.bytes.writeInt32BE(lastOffset - this.baseOffset, at)
    this.file.bytes.writeInt32BE(position, at + 4)
  }

  /** A position at or before the batch that holds `offset`: where the entry with the greatest offset <= `offset` points to. */
  floorPosition(offset: number): number {
    const relative = offset - this.baseOffset
    const bytes = this.file.bytes
    const length = this.file.prefixLength(at => bytes.readInt32BE(at) <= relative)
    return length === 0 ? 0 : bytes.readInt32BE((length - 1) * ENTRY_BYTES + 4)
  }

  /** All entries, in order. */
  *entries(): Generator<{ readonly offset: number; readonly position: number }, void, void> {
    const { bytes } = this.file
    for (let entry = 0; entry < this.count; entry++) {
      const offset = this.baseOffset + this.#relativeOffset(entry)
      yield { offset, position: bytes.readInt32BE(entry * ENTRY_BYTES + 4) }
    }
  }

  /** Takes the file's content; says why when it cannot belong to a segment of `segmentBytes`. */
  load(content: Buffer, segmentBytes: number): IndexFlaw | undefined {
    const flaw = this.file.load(content)
    if (flaw !== undefined) return flaw
    let offset = -1
    let position = -1
    for (let at = 0; at < content.length; at += ENTRY_BYTES) {
      const nextOffset = content.readInt32BE(at)
      const nextPosition = content.readInt32BE(at + 4)
      if (nextOffset <= offset || nextPosition <= position || nextPosition >= segmentBytes)
        return 'its entries do not grow'
      offset = nextOffset
      position = nextPosition
    }
    return undefined
  }

  #relativeOffset(entry: number): number {
    return this.file.bytes.readInt32BE(entry * ENTRY_BYTES)
  }
}
