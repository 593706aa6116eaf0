/** The states of a transactional id: their numbers in the log, and which may follow which. Data: the docs print it, a property test walks it. */
import { assert } from '../../assert.ts'

interface StateRow {
  /** In the records of `__transaction_state`. */
  readonly status: number
  readonly next: readonly TransactionState[]
  readonly about: string
}

/**
 * Whoever fences a producer aborts its transaction in the same decision, so Kafka's `PrepareEpochFence`, which is between the two, is never
 * seen here; nor is `Dead`, which is an id that is no longer there.
 */
export const transactionStates = {
  Empty: {
    status: 0,
    next: ['Empty', 'Ongoing', 'PrepareAbort'],
    about: 'A producer has the id, and nothing was begun.',
  },
  Ongoing: {
    status: 1,
    next: ['Ongoing', 'PrepareCommit', 'PrepareAbort'],
    about: 'Partitions are in the transaction; it has the time that its producer asked for.',
  },
  PrepareCommit: {
    status: 2,
    next: ['CompleteCommit'],
    about: 'It will be committed, whatever happens: the markers are being written.',
  },
  PrepareAbort: {
    status: 3,
    next: ['CompleteAbort'],
    about: 'It will be aborted: by its producer, by a successor, or because its time was over.',
  },
  CompleteCommit: {
    status: 4,
    next: ['Empty', 'Ongoing', 'PrepareAbort'],
    about: 'Every partition has its marker.',
  },
  CompleteAbort: {
    status: 5,
    next: ['Empty', 'Ongoing', 'PrepareAbort', 'CompleteAbort'],
    about: 'The same, of an abort.',
  },
} as const satisfies Record<TransactionState, StateRow>

export type TransactionState =
  | 'Empty'
  | 'Ongoing'
  | 'PrepareCommit'
  | 'PrepareAbort'
  | 'CompleteCommit'
  | 'CompleteAbort'

/** All names that ListTransactions may be asked for; nothing is ever in the last two. */
export const transactionStateNames: ReadonlySet<string> = new Set([
  ...Object.keys(transactionStates),
  'Dead',
  'PrepareEpochFence',
])

const byStatus = new Map<number, TransactionState>(
  Object.entries(transactionStates).map(([name, { status }]) => [status, name as TransactionState]),
)

/** The state that a number in the log stands for; undefined for one that is never written. */
export function transactionStateOf(status: number): TransactionState | undefined {
  return byStatus.get(status)
}

/** The state itself, if it may follow the other. */
export function following<S extends TransactionState>(from: TransactionState, to: S): S {
  const next: readonly TransactionState[] = transactionStates[from].next
  assert(next.includes(to), 'A transaction goes from state to state as the table says.')
  return to
}
