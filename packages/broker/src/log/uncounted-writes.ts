import type { PendingBatch } from './pending-write.ts'

interface Write {
  readonly endOffset: number
  readonly sizeBytes: number
  readonly batches: readonly PendingBatch[]
}

/**
 * What a log has written, turn by turn, and what does not count as committed yet. The batches hold their blocks of the tail cache until
 * they do: the journal may still have to copy them.
 */
export class UncountedWrites {
  #writes: Write[] = []

  /** One turn wrote `batches`, `sizeBytes` in all, up to `endOffset`. */
  add(batches: readonly PendingBatch[], endOffset: number, sizeBytes: number): void {
    this.#writes.push({ endOffset, sizeBytes, batches })
  }

  /** What was written up to `offset` counts; returns its bytes. */
  countUpTo(offset: number): number {
    let sizeBytes = 0
    let count = 0
    for (const write of this.#writes) {
      if (write.endOffset > offset) break
      sizeBytes += write.sizeBytes
      for (const { block } of write.batches) block.letGo()
      count++
    }
    this.#writes.splice(0, count)
    return sizeBytes
  }
}
