/** The partition under a coordinator's shard, in memory: batches become durable when a walk says so, and a crash takes what is not. */
import { batchesOf, type ErrorName, recordsOf } from '@varve/protocol'
import type { StoredRecord } from '../../packages/broker/src/coordinator/runtime/shard-logic.ts'
import { CommitWaiters } from '../../packages/broker/src/replication/commit-waiters.ts'
import type {
  Appended,
  Partition,
  ReadRequest,
  ReadResult,
} from '../../packages/broker/src/replication/partition.ts'
import { codecs } from './codecs.ts'

interface HeldBatch {
  readonly bytes: Buffer
  readonly baseOffset: number
  readonly nextOffset: number
}

/** What a shard uses of a partition. */
type ShardsPartition = Pick<
  Partition,
  | 'topic'
  | 'partition'
  | 'append'
  | 'whenCommitted'
  | 'read'
  | 'logStartOffset'
  | 'logEndOffset'
  | 'highWatermark'
  | 'settings'
  | 'hasFolder'
  | 'isOffline'
>

export class HeldLog implements ShardsPartition {
  readonly topic = '__consumer_offsets'
  readonly partition = 0
  readonly logStartOffset = 0
  readonly settings = undefined
  readonly hasFolder = true
  isOffline = false
  highWatermark = 0
  #batches: HeldBatch[] = []
  readonly #waiters = new CommitWaiters()

  /** A log with what another left behind: all of it is durable now. */
  constructor(left: readonly HeldBatch[] = []) {
    this.#batches = [...left]
    this.highWatermark = this.logEndOffset
  }

  get logEndOffset(): number {
    return this.#batches.at(-1)?.nextOffset ?? 0
  }

  /** Batches that a crash may take. */
  get heldCount(): number {
    let count = 0
    for (let at = this.#batches.length - 1; at >= 0; at -= 1) {
      if ((this.#batches[at] as HeldBatch).nextOffset <= this.highWatermark) break
      count += 1
    }
    return count
  }

  append(records: Uint8Array): Appended {
    const bytes = Buffer.from(records)
    const baseOffset = this.logEndOffset
    bytes.writeBigInt64BE(BigInt(baseOffset), 0)
    const [batch] = [...batchesOf(bytes)]
    if (batch === undefined) throw new Error('what a shard appends is a batch')
    const lastOffset = batch.lastOffset
    this.#batches.push({ bytes, baseOffset, nextOffset: lastOffset + 1 })
    const rest = { logAppendTimeMs: -1, logStartOffset: 0 }
    return { outcome: 'appended', baseOffset, lastOffset, ...rest }
  }

  whenCommitted(nextOffset: number, done: (error: ErrorName) => void): void {
    if (nextOffset <= this.highWatermark) done('NONE')
    else if (this.isOffline) done('KAFKA_STORAGE_ERROR')
    else this.#waiters.add(nextOffset, done)
  }

  read({ offset }: ReadRequest): ReadResult {
    const parts = this.#batches.filter(batch => batch.nextOffset > offset).map(one => one.bytes)
    return { parts, sizeBytes: parts.reduce((sum, part) => sum + part.length, 0) }
  }

  /** Makes the first `count` of the batches that are held durable; whoever waits for them is told. */
  sync(count: number): void {
    const first = this.#batches.length - this.heldCount
    const last = this.#batches[Math.min(first + count, this.#batches.length) - 1]
    if (last === undefined || last.nextOffset <= this.highWatermark) return
    this.highWatermark = last.nextOffset
    this.#waiters.reached(last.nextOffset)
  }

  /** The disk fails: nobody is told of what was not durable. */
  fail(): void {
    this.isOffline = true
    this.#waiters.fail(-1, 'KAFKA_STORAGE_ERROR')
  }

  /** What is there after a crash that spares the first `count` of the held batches. */
  after(count: number): HeldLog {
    const durable = this.#batches.length - this.heldCount
    return new HeldLog(this.#batches.slice(0, durable + count))
  }

  *recordsFrom(offset: number): Generator<StoredRecord, void, void> {
    let at = this.#batches.length
    while (at > 0 && (this.#batches[at - 1] as HeldBatch).nextOffset > offset) at -= 1
    for (; at < this.#batches.length; at += 1) {
      for (const batch of batchesOf((this.#batches[at] as HeldBatch).bytes)) {
        for (const { key, value } of recordsOf(batch, codecs)) {
          if (key === null) continue
          yield { key: Buffer.from(key), value: value === null ? null : Buffer.from(value) }
        }
      }
    }
  }
}
