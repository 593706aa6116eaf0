/** The aborted transactions of a log, for readers of committed records. */
import type { AbortedTransaction } from './aborted-transaction.ts'
import { type LogFolder, logFolderOf } from './log-folder.ts'
import type { LogIdentity } from './log-state.ts'
import type { LoadTools } from './log-tools.ts'
import { loadProducersBefore } from './producer-replay.ts'
import { abortedBy } from './producer-state.ts'
import { scanSegment } from './scan-segment.ts'
import type { Segment } from './segment.ts'
import type { SegmentList } from './segment-list.ts'
import type { TransactionIndex } from './transaction-index.ts'
import { trustedBatch } from './trusted-batch.ts'

export class AbortedTransactions {
  readonly #identity: LogIdentity
  readonly #segments: SegmentList
  readonly #tools: LoadTools

  constructor(identity: LogIdentity, segments: SegmentList, tools: LoadTools) {
    this.#identity = identity
    this.#segments = segments
    this.#tools = tools
  }

  /** Whether there may be one with a record at or after `offset`, by what is in memory. */
  mayHave(offset: number): boolean {
    return this.#segments.from(offset).some(({ transactions }) => transactions.index?.count !== 0)
  }

  /**
   * Those with a record in `[offset, endOffset)`, by their first offset; the range lies below the last stable offset. At once when the
   * indexes are in memory. Rejects with a `DiskError`.
   */
  between(
    offset: number,
    endOffset: number,
  ): readonly AbortedTransaction[] | Promise<readonly AbortedTransaction[]> {
    const found: AbortedTransaction[] = []
    for (const segment of this.#segments.from(offset)) {
      const { index } = segment.transactions
      if (index === undefined)
        return this.#segments.reading(() => this.#readBetween(offset, endOffset))
      if (index.collect(offset, endOffset, found) === 'all') break
    }
    return inOrder(found)
  }

  async #readBetween(offset: number, endOffset: number): Promise<readonly AbortedTransaction[]> {
    const found: AbortedTransaction[] = []
    for (const segment of this.#segments.from(offset)) {
      const index = (await segment.transactions.load()) ?? (await this.#rebuild(segment))
      if (index.collect(offset, endOffset, found) === 'all') break
    }
    return inOrder(found)
  }

  /** From the batches, and what was known of their producers where the segment begins. */
  async #rebuild(segment: Segment): Promise<TransactionIndex> {
    const { directory } = this.#identity
    this.#tools.world.log.warn('An index of aborted transactions was damaged and is built again.', {
      directory,
      segment: segment.baseOffset,
    })
    const producers = await loadProducersBefore(
      segment.baseOffset,
      { identity: this.#identity, segments: this.#segments, folder: await this.#snapshots() },
      this.#tools,
    )
    const entries: AbortedTransaction[] = []
    try {
      await scanSegment(await segment.open(), {
        from: 0,
        to: segment.sizeBytes,
        visit: batch => {
          if (!batch.hasProducer) return 'valid'
          const previous = producers.apply(trustedBatch(batch, this.#identity, this.#tools))
          const aborted = abortedBy(batch, previous, producers)
          if (aborted !== undefined) entries.push(aborted)
          producers.committedUpTo(batch.lastOffset + 1)
          return 'valid'
        },
      })
    } finally {
      producers.clear()
    }
    return segment.transactions.replace(entries)
  }

  async #snapshots(): Promise<LogFolder> {
    return logFolderOf((await this.#tools.world.disk.list(this.#identity.directory)) ?? [])
  }
}

function inOrder(found: AbortedTransaction[]): readonly AbortedTransaction[] {
  return found.sort((one, other) => one.firstOffset - other.firstOffset)
}
