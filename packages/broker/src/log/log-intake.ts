import { RecordBatch } from '@varve/protocol'
import type { Appended } from './append.ts'
import type { AppendChunk } from './append-chunk.ts'
import type { LeaderEpochs } from './leader-epochs.ts'
import type { LogSettings } from './log-settings.ts'
import type { LogTools } from './log-tools.ts'
import type { PendingBatch } from './pending-write.ts'
import { abortedBy, type ProducerState } from './producer-state.ts'
import type { Verifications } from './verifications.ts'

/** What an append changes before anything is written. */
export interface IntakeParts {
  readonly chunk: AppendChunk
  readonly producers: ProducerState
  readonly verifications: Verifications
  readonly leaderEpochs: LeaderEpochs
}

/**
 * Where batches enter a log that nothing can be said against: they get their offsets, their bytes are kept, and they are pending until
 * the end of the turn. What could not be written for want of space is taken back as if it had never come.
 */
export class LogIntake {
  readonly #parts: IntakeParts
  readonly #tools: Pick<LogTools, 'crc32c'>
  #leaderEpoch = -1
  #endOffset: number
  #pending: PendingBatch[] = []
  #pendingBytes = 0

  constructor(endOffset: number, parts: IntakeParts, tools: Pick<LogTools, 'crc32c'>) {
    this.#endOffset = endOffset
    this.#parts = parts
    this.#tools = tools
  }

  /** The offset that the next record will get. */
  get endOffset(): number {
    return this.#endOffset
  }

  get leaderEpoch(): number {
    return this.#leaderEpoch
  }

  /** What is not written, in order. The array is replaced, never emptied: who writes it may keep it. */
  get pending(): readonly PendingBatch[] {
    return this.#pending
  }

  get pendingBytes(): number {
    return this.#pendingBytes
  }

  /** Batches carry this epoch from now on. */
  lead(leaderEpoch: number): void {
    this.#leaderEpoch = leaderEpoch
    this.#parts.leaderEpochs.assign(leaderEpoch, this.#endOffset)
  }

  /** Nothing can be refused any more: the batch gets its offsets, and everybody but the disk knows of it. */
  take(bytes: Uint8Array, settings: LogSettings, now: number): Appended {
    const { chunk, producers, verifications } = this.#parts
    const { block, start } = chunk.keep(bytes)
    const batch = new RecordBatch(block.buffer, start, block.view)
    const baseOffset = this.#endOffset
    const stampsTime = settings.timestampType === 'LogAppendTime'
    batch.setBaseOffset(baseOffset)
    batch.setPartitionLeaderEpoch(this.#leaderEpoch)
    if (stampsTime) batch.stampLogAppendTime(now, this.#tools.crc32c)
    const lastOffset = baseOffset + batch.lastOffsetDelta
    const hasProducer = batch.hasProducer
    const previousProducer = hasProducer ? producers.apply(batch) : undefined
    if (hasProducer && batch.isTransactional) verifications.end(batch.producerId)
    this.#pending.push({
      baseOffset,
      lastOffset,
      sizeBytes: bytes.length,
      maxTimestamp: batch.maxTimestamp,
      leaderEpoch: this.#leaderEpoch,
      block,
      start,
      producerId: hasProducer ? batch.producerId : -1,
      previousProducer,
      aborted: hasProducer ? abortedBy(batch, previousProducer, producers) : undefined,
    })
    this.#pendingBytes += bytes.length
    this.#endOffset = lastOffset + 1
    return { outcome: 'appended', baseOffset, lastOffset, logAppendTimeMs: stampsTime ? now : -1 }
  }

  /** The first `count` batches, `sizeBytes` in all, are written. */
  wrote(count: number, sizeBytes: number): void {
    this.#pending = count === this.#pending.length ? [] : this.#pending.slice(count)
    this.#pendingBytes -= sizeBytes
  }

  /** What is pending is nobody's concern any more. */
  clear(): void {
    if (this.#pending.length > 0) this.#pending = []
    this.#pendingBytes = 0
  }

  /** Takes all back that is pending: the end of the log and the state of its producers are as before. */
  takeBack(): void {
    const pending = this.#pending
    const first = pending[0]
    if (first === undefined) return
    for (let index = pending.length - 1; index >= 0; index--) {
      const { producerId, previousProducer } = pending[index] as PendingBatch
      if (producerId >= 0) this.#parts.producers.restore(producerId, previousProducer)
    }
    this.clear()
    this.#endOffset = first.baseOffset
    this.#parts.leaderEpochs.truncateFromEnd(first.baseOffset + 1)
  }
}
