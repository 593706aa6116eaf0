/**
 * Fetch answers as they come in, in pieces, without keeping them: the error, the high watermark, and of each whole batch its offsets and
 * its count. Every answer is of one topic and one partition, without a session (version 12).
 */

/** Up to the records: size, correlation id, tags, throttle, error, session, topics, name, partitions, index, error, offsets, aborted, replica. */
const headBytesOf = (topic: string): number =>
  4 + 4 + 1 + 4 + 2 + 4 + 1 + (1 + topic.length) + 1 + 4 + 2 + 24 + 1 + 4
const BATCH_HEAD_BYTES = 61
const TWO_32 = 2 ** 32

export interface WalkedBatch {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly records: number
}

export class FetchWalk {
  readonly #head: Buffer
  readonly #batchHead = Buffer.alloc(BATCH_HEAD_BYTES)
  readonly #onBatch: (batch: WalkedBatch) => void
  #headBytes = 0
  #batchHeadBytes = 0
  /** Of the answer that is being read, beyond its size. */
  #frameLeft = 0
  #recordsLeft = -1
  #varint = 0
  #shift = 0
  /** Of the batch whose head is known. */
  #batchLeft = 0
  /** Of the answer that was read last. */
  errorCode = 0
  highWatermark = 0
  recordsBytes = 0

  constructor(topic: string, onBatch: (batch: WalkedBatch) => void) {
    this.#head = Buffer.alloc(headBytesOf(topic))
    this.#onBatch = onBatch
  }

  /** Reads on from `from`, to the end of an answer at most. Gives where it stopped; `isDone` says whether that is the end of an answer. */
  take(chunk: Buffer, from: number): number {
    let at = from
    this.isDone = false
    while (at < chunk.length) {
      if (this.#headBytes < this.#head.length) at = this.#takeHead(chunk, at)
      else if (this.#recordsLeft < 0) at = this.#takeLength(chunk, at)
      else if (this.#recordsLeft > 0) at = this.#takeRecords(chunk, at)
      else at = this.#takeRest(chunk, at)
      if (this.isDone) return at
    }
    return at
  }

  isDone = false

  #takeHead(chunk: Buffer, at: number): number {
    const head = this.#head
    const taken = Math.min(head.length - this.#headBytes, chunk.length - at)
    chunk.copy(head, this.#headBytes, at, at + taken)
    this.#headBytes += taken
    if (this.#headBytes === head.length) {
      this.#frameLeft = 4 + head.readInt32BE(0) - head.length
      const offsetsAt = head.length - 29
      this.errorCode = head.readInt16BE(13) || head.readInt16BE(offsetsAt - 2)
      this.highWatermark = head.readInt32BE(offsetsAt) * TWO_32 + head.readUInt32BE(offsetsAt + 4)
      this.#varint = 0
      this.#shift = 0
      this.#recordsLeft = -1
    }
    return at + taken
  }

  #takeLength(chunk: Buffer, at: number): number {
    const byte = chunk[at] ?? 0
    this.#varint |= (byte & 0x7f) << this.#shift
    this.#shift += 7
    this.#frameLeft -= 1
    if (byte < 0x80) {
      this.recordsBytes = Math.max(this.#varint - 1, 0)
      this.#recordsLeft = this.recordsBytes
      this.#batchHeadBytes = 0
      this.#batchLeft = 0
    }
    return at + 1
  }

  #takeRecords(chunk: Buffer, from: number): number {
    const end = from + Math.min(this.#recordsLeft, chunk.length - from)
    let at = from
    while (at < end) {
      if (this.#batchLeft > 0) {
        const skipped = Math.min(this.#batchLeft, end - at)
        this.#batchLeft -= skipped
        at += skipped
        if (this.#batchLeft === 0) this.#told()
      } else {
        const taken = Math.min(BATCH_HEAD_BYTES - this.#batchHeadBytes, end - at)
        chunk.copy(this.#batchHead, this.#batchHeadBytes, at, at + taken)
        this.#batchHeadBytes += taken
        at += taken
        if (this.#batchHeadBytes < BATCH_HEAD_BYTES) continue
        this.#batchLeft = 12 + this.#batchHead.readInt32BE(8) - BATCH_HEAD_BYTES
        if (this.#batchLeft === 0) this.#told()
      }
    }
    this.#recordsLeft -= end - from
    this.#frameLeft -= end - from
    return end
  }

  #told(): void {
    const head = this.#batchHead
    const baseOffset = head.readInt32BE(0) * TWO_32 + head.readUInt32BE(4)
    this.#batchHeadBytes = 0
    this.#onBatch({
      baseOffset,
      lastOffset: baseOffset + head.readInt32BE(23),
      records: head.readInt32BE(57),
    })
  }

  #takeRest(chunk: Buffer, at: number): number {
    const taken = Math.min(this.#frameLeft, chunk.length - at)
    this.#frameLeft -= taken
    if (this.#frameLeft === 0) {
      this.isDone = true
      this.#headBytes = 0
    }
    return at + taken
  }
}
