/**
 * The newest appended bytes of all partitions, in memory: the very buffers that were written to the segments (design.md 5.3), so a
 * consumer at the tail costs no file read. Bounded over the whole broker; the oldest buffers of all go first.
 */

import { batchSizeAt, lastOffsetAt } from './batch-position.ts'
import { BufferPool } from './buffer-pool.ts'
import { Parts } from './parts.ts'
import { NOTHING_READ, type ReadRange, type ReadResult } from './read-result.ts'
import { TailBlock } from './tail-block.ts'

/** Readers walk from the start of a run to the offset they want, so runs are kept short. */
const RUN_BYTES_MAX = 32 * 1024

/** Whole batches, one after another in a buffer. */
interface TailRun {
  readonly baseOffset: number
  endOffset: number
  readonly block: TailBlock
  readonly start: number
  end: number
}

/** Smaller blocks are those of quiet logs: nothing is won by keeping them. */
const POOLED_BLOCK_BYTES_MIN = 16 * 1024

/** The budget that all tails share. */
export class TailCache {
  readonly #maxBytes: number
  /** Free buffers that wait for the next block: an evicted one is mostly taken again at once. */
  readonly #pool: BufferPool
  #bytes = 0
  #queue: (TailBlock | undefined)[] = []
  #head = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#pool = new BufferPool(maxBytes)
  }

  get sizeBytes(): number {
    return this.#bytes
  }

  /**
   * A block of at least `sizeBytes`, charged before anything is in it. The oldest ones go first when that is too much; one block is
   * there in any case.
   */
  charge(tail: Tail, sizeBytes: number): TailBlock {
    while (this.#bytes + sizeBytes > this.#maxBytes && this.#head < this.#queue.length)
      this.#evictOldest()
    const isPooled = sizeBytes >= POOLED_BLOCK_BYTES_MIN
    const buffer = isPooled ? this.#pool.take(sizeBytes) : Buffer.allocUnsafeSlow(sizeBytes)
    const block = new TailBlock(buffer, tail, isPooled ? this.#onFree : leaveIt)
    this.#queue.push(block)
    this.#bytes += block.chargedBytes
    this.#trimPool()
    return block
  }

  /** Gives up a block before its time, when its partition is gone. */
  release(block: TailBlock): void {
    if (block.isEvicted) return
    this.#bytes -= block.chargedBytes
    block.evict()
  }

  readonly #onFree = (buffer: Buffer) => {
    this.#pool.give(buffer)
    this.#trimPool()
  }

  /** Blocks and free buffers share the budget. */
  #trimPool(): void {
    this.#pool.trimTo(Math.max(0, this.#maxBytes - this.#bytes))
  }

  #evictOldest(): void {
    const block = this.#queue[this.#head] as TailBlock
    this.#queue[this.#head] = undefined
    this.#head++
    if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
    if (block.isEvicted) return
    this.release(block)
    block.tail.dropEvicted()
  }
}

const leaveIt = (): void => undefined

/** The part of the cache that belongs to one log: contiguous batches up to what was written last. */
export class Tail {
  readonly #cache: TailCache
  #runs: TailRun[] = []
  #head = 0

  constructor(cache: TailCache) {
    this.#cache = cache
  }

  /** Makes a block for this tail; see `TailCache.charge`. */
  charge(sizeBytes: number): TailBlock {
    return this.#cache.charge(this, sizeBytes)
  }

  /** The first offset that the cache can serve; undefined when it is empty. */
  get startOffset(): number | undefined {
    return this.#runs[this.#head]?.baseOffset
  }

  /** Adds one batch that was written to the segment. */
  add(
    block: TailBlock,
    place: {
      readonly start: number
      readonly end: number
      readonly baseOffset: number
      readonly endOffset: number
    },
  ): void {
    const last = this.#runs.length > this.#head ? this.#runs[this.#runs.length - 1] : undefined
    if (last !== undefined && last.endOffset !== place.baseOffset) this.clear()
    if (block.isEvicted) {
      // What comes before it was evicted before it; what follows begins a new tail.
      this.#runs = []
      this.#head = 0
      return
    }
    if (
      last !== undefined &&
      last.block === block &&
      last.end === place.start &&
      place.end - last.start <= RUN_BYTES_MAX
    ) {
      last.end = place.end
      last.endOffset = place.endOffset
      return
    }
    // Field by field: a spread object has a shape of its own each time, and whoever reads it then pays for that.
    const { start, end, baseOffset, endOffset } = place
    this.#runs.push({ baseOffset, endOffset, block, start, end })
  }

  /** Lets go of the runs whose blocks were evicted. They are the oldest: a log fills one block after another, and the cache evicts in that order. */
  dropEvicted(): void {
    while (this.#runs[this.#head]?.block.isEvicted === true) this.#head++
    if (this.#head === this.#runs.length) {
      this.#runs = []
      this.#head = 0
    } else if (this.#head > 256 && this.#head * 2 > this.#runs.length) {
      this.#runs = this.#runs.slice(this.#head)
      this.#head = 0
    }
  }

  /** Forgets what lies below `endOffset`, where a batch begins: there the log was written anew, by compaction. */
  forgetBelow(endOffset: number): void {
    for (let run = this.#runs[this.#head]; run !== undefined; run = this.#runs[this.#head]) {
      if (run.endOffset > endOffset) {
        const baseOffset = Math.max(run.baseOffset, endOffset)
        const { block, end } = run
        const start = positionOf(run, endOffset)
        this.#runs[this.#head] = { baseOffset, endOffset: run.endOffset, block, start, end }
        return
      }
      this.#head++
      if (this.#runs[this.#head]?.block !== run.block) this.#cache.release(run.block)
    }
    this.#runs = []
    this.#head = 0
  }

  clear(): void {
    for (let index = this.#head; index < this.#runs.length; index++)
      this.#cache.release((this.#runs[index] as TailRun).block)
    this.#runs = []
    this.#head = 0
  }

  /**
   * Whole batches from the one that holds `offset`, ending at or before `endOffset`, of at most `maxBytes` (but for a first
   * batch, which `firstBatchWhole` lets through): the parts to send, not copied, and held until `release`. Undefined when the cache
   * does not reach back to `offset`.
   */
  read(range: ReadRange): ReadResult | undefined {
    const startOffset = this.startOffset
    if (startOffset === undefined || range.offset < startOffset) return undefined
    const slice = new Parts()
    const held: TailBlock[] = []
    let index = this.#find(range.offset)
    const first = this.#runs[index]
    if (first === undefined) return NOTHING_READ
    let position = positionOf(first, range.offset)
    while (index < this.#runs.length) {
      const run = this.#runs[index] as TailRun
      const end = this.#endWithin(run, position, range, slice.sizeBytes)
      if (end > position && held.at(-1) !== run.block) {
        run.block.hold()
        held.push(run.block)
      }
      slice.add(run.block.buffer, position, end)
      if (end < run.end) break
      index++
      position = this.#runs[index]?.start ?? 0
    }
    if (held.length === 0) return NOTHING_READ
    slice.finish()
    return { parts: slice.list, sizeBytes: slice.sizeBytes, release: lettingGoOf(held) }
  }

  /** The bytes of the batches from `offset` to `endOffset`; undefined when the cache does not reach back to `offset`. */
  bytesBetween(offset: number, endOffset: number): number | undefined {
    const startOffset = this.startOffset
    if (startOffset === undefined || offset < startOffset) return undefined
    const index = this.#find(offset)
    const first = this.#runs[index]
    if (first === undefined) return 0
    let sizeBytes =
      positionOf(first, Math.min(endOffset, first.endOffset)) - positionOf(first, offset)
    for (let next = index + 1; next < this.#runs.length; next++) {
      const run = this.#runs[next] as TailRun
      if (run.baseOffset >= endOffset) break
      sizeBytes +=
        run.endOffset <= endOffset ? run.end - run.start : positionOf(run, endOffset) - run.start
    }
    return sizeBytes
  }

  /** The position in `run` after the last batch that fits. */
  #endWithin(run: TailRun, start: number, range: ReadRange, takenBytes: number): number {
    const room = range.maxBytes - takenBytes
    if (run.endOffset <= range.endOffset && run.end - start <= room) return run.end
    const { view } = run.block
    let position = start
    while (position < run.end) {
      const sizeBytes = batchSizeAt(view, position)
      const isFirst = takenBytes === 0 && position === start && range.firstBatchWhole
      if (position + sizeBytes - start > room && !isFirst) break
      if (lastOffsetAt(view, position) >= range.endOffset) break
      position += sizeBytes
    }
    return position
  }

  /** The index of the run that holds `offset`, or the number of runs when `offset` is beyond all. */
  #find(offset: number): number {
    let low = this.#head
    let high = this.#runs.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#runs[middle] as TailRun).endOffset <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Lets go of all of them, once. */
function lettingGoOf(held: TailBlock[]): () => void {
  return () => {
    for (const block of held.splice(0)) block.letGo()
  }
}

function positionOf(run: TailRun, offset: number): number {
  const { view } = run.block
  let position = run.start
  while (position < run.end && lastOffsetAt(view, position) < offset)
    position += batchSizeAt(view, position)
  return position
}
