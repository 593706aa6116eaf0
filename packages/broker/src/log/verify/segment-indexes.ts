/** The index files of one segment, held against its batches. */
import type { Disk } from '../../world.ts'
import type { AbortedTransaction } from '../aborted-transaction.ts'
import { OffsetIndex } from '../offset-index.ts'
import { TimeIndex } from '../time-index.ts'
import { TransactionIndex } from '../transaction-index.ts'
import { OffsetIndexCheck, type PlacedBatch, TimeIndexCheck } from './index-checks.ts'
import { pathOf } from './offline-folder.ts'

export interface IndexFlawFound {
  readonly kind: 'index' | 'timeindex' | 'txnindex'
  readonly about: string
}

/** Reads the index files of a segment. One that is missing is built again when it is needed: nothing is wrong then. */
export async function openIndexChecks(
  directory: string,
  { baseOffset }: { readonly baseOffset: number },
  disk: Disk,
): Promise<SegmentIndexChecks> {
  const read = (kind: IndexFlawFound['kind']) => disk.readFile(pathOf(directory, baseOffset, kind))
  return new SegmentIndexChecks(baseOffset, {
    offsets: await read('index'),
    times: await read('timeindex'),
    transactions: await read('txnindex'),
  })
}

interface IndexFiles {
  readonly offsets: Buffer | undefined
  readonly times: Buffer | undefined
  readonly transactions: Buffer | undefined
}

export class SegmentIndexChecks {
  readonly #flaws: IndexFlawFound[] = []
  readonly #offsets: OffsetIndexCheck | undefined
  readonly #times: TimeIndexCheck | undefined
  readonly #aborted: readonly AbortedTransaction[]

  constructor(baseOffset: number, { offsets, times, transactions }: IndexFiles) {
    const offsetIndex = new OffsetIndex(baseOffset)
    if (offsets !== undefined && this.#isSound('index', offsetIndex.load(offsets, 2 ** 31)))
      this.#offsets = new OffsetIndexCheck(offsetIndex)
    const timeIndex = new TimeIndex(baseOffset)
    if (times !== undefined && this.#isSound('timeindex', timeIndex.load(times)))
      this.#times = new TimeIndexCheck(timeIndex)
    const transactionIndex = new TransactionIndex(baseOffset)
    if (transactions !== undefined) this.#isSound('txnindex', transactionIndex.load(transactions))
    this.#aborted = transactionIndex.entries()
  }

  /** What was found when the segment has ended. */
  get flaws(): readonly IndexFlawFound[] {
    return this.#flaws
  }

  pass(batch: PlacedBatch): void {
    this.#offsets?.pass(batch)
    this.#times?.pass(batch)
  }

  /** The segment ends; returns what its index of aborted transactions says. Only a sealed one says in its time index what is newest. */
  end({ isSealed }: { readonly isSealed: boolean }): readonly AbortedTransaction[] {
    this.#offsets?.end()
    if (isSealed) this.#times?.end()
    if (this.#offsets?.flaw !== undefined)
      this.#flaws.push({ kind: 'index', about: this.#offsets.flaw })
    if (this.#times?.flaw !== undefined)
      this.#flaws.push({ kind: 'timeindex', about: this.#times.flaw })
    return this.#aborted
  }

  #isSound(kind: IndexFlawFound['kind'], flaw: string | undefined): boolean {
    if (flaw !== undefined) this.#flaws.push({ kind, about: `It is damaged: ${flaw}.` })
    return flaw === undefined
  }
}
