/** A transaction whose marker is in the log, and not committed yet. */
interface EndedTransaction {
  readonly producerId: number
  readonly firstOffset: number
  readonly markerOffset: number
}

/**
 * The transactions of one log that hold its readers up: those without a marker, and those whose marker may still be lost. Tells where the
 * oldest begins without looking through the producers.
 */
export class OpenTransactions {
  /** First offset by producer id, the oldest first. */
  #open = new Map<number, number>()
  /** In the order of their markers. */
  #ended: EndedTransaction[] = []

  get size(): number {
    return this.#open.size
  }

  begin(producerId: number, firstOffset: number): void {
    this.#open.set(producerId, firstOffset)
  }

  end(producerId: number, markerOffset: number): void {
    const firstOffset = this.#open.get(producerId)
    if (firstOffset === undefined || !this.#open.delete(producerId)) return
    this.#ended.push({ producerId, firstOffset, markerOffset })
  }

  /** The first batch of the transaction was taken back. */
  undoBegin(producerId: number): void {
    this.#open.delete(producerId)
  }

  /** The marker of the transaction, which is the newest that is left of this producer, was taken back. */
  undoEnd(producerId: number, firstOffset: number): void {
    this.#ended = this.#ended.filter(
      ended => ended.producerId !== producerId || ended.firstOffset !== firstOffset,
    )
    const open = [...this.#open, [producerId, firstOffset] as const]
    this.#open = new Map(open.sort(([, one], [, other]) => one - other))
  }

  /** What lies below `offset` is committed: transactions that ended there are over. */
  committedUpTo(offset: number): void {
    const ended = this.#ended
    if (ended.length === 0) return
    let over = 0
    while (over < ended.length && (ended[over] as EndedTransaction).markerOffset < offset) over++
    if (over > 0) this.#ended = ended.slice(over)
  }

  /** The first offset of the oldest transaction without a marker; undefined when there is none. */
  get firstOpenOffset(): number | undefined {
    for (const firstOffset of this.#open.values()) return firstOffset
    return undefined
  }

  /** The first offset that a reader of committed records may not see yet on account of a transaction; undefined when there is none. */
  get firstUnstableOffset(): number | undefined {
    let first = this.firstOpenOffset
    for (const { firstOffset } of this.#ended)
      if (first === undefined || firstOffset < first) first = firstOffset
    return first
  }

  clear(): void {
    this.#open.clear()
    this.#ended = []
  }
}
