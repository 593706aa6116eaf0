import type { TransactionChange } from './change.ts'
import type { TransactionShardState } from './state.ts'
import type { Transaction } from './transaction.ts'
import type { TransactionDecision, TransactionMoment } from './transaction-logic.ts'

const EXPIRY_TIMER = '/expire'
/** What one decision may take away, and what it looks at: more would hold the event loop for milliseconds. */
const TOMBSTONES_MAX = 1_000
const LOOKS_MAX = 10_000

/** The next round begins after `transaction.remove.expired.transaction.cleanup.interval.ms`. */
export function nextExpiry({ patientMs, rules }: TransactionMoment): TransactionDecision {
  const atMs = patientMs + rules.idExpirationCheckIntervalMs
  return { timers: [{ set: EXPIRY_TIMER, atMs, event: { type: 'ids-expire', left: undefined } }] }
}

/**
 * One stretch of a round over all ids: those that nobody has used for `transactional.id.expiration.ms` are forgotten, unless they have a
 * transaction that is not over. The rest of the round follows at once, with others having their turn in between.
 */
export function expireIds(
  { transactions }: TransactionShardState,
  left: readonly string[] | undefined,
  moment: TransactionMoment,
): TransactionDecision {
  const ids = left ?? [...transactions.keys()]
  const changes: TransactionChange[] = []
  let looks = 0
  for (const transactionalId of ids) {
    if (looks === LOOKS_MAX || changes.length === TOMBSTONES_MAX) break
    looks += 1
    const transaction = transactions.get(transactionalId)
    if (transaction !== undefined && isExpired(transaction, moment))
      changes.push({ type: 'forgotten', transactionalId })
  }
  if (looks === ids.length) return { changes, ...nextExpiry(moment) }
  const event = { type: 'ids-expire', left: ids.slice(looks) } as const
  return { changes, timers: [{ set: EXPIRY_TIMER, atMs: moment.patientMs, event }] }
}

function isExpired(
  { state, updatedMs }: Transaction,
  { nowMs, rules }: TransactionMoment,
): boolean {
  switch (state) {
    case 'Empty':
    case 'CompleteCommit':
    case 'CompleteAbort':
      return updatedMs + rules.idExpirationMs <= nowMs
    case 'Ongoing':
    case 'PrepareCommit':
    case 'PrepareAbort':
      return false
  }
}
