/** Requests that come while a transaction is being completed wait for that, a little: with Kafka they would have to come again. */
import { type Answer, answer } from '../runtime/decision.ts'
import type { TransactionEvent } from './event.ts'
import type { TransactionShardState } from './state.ts'
import { NO_EPOCH, NO_PRODUCER_ID } from './transaction.ts'
import type { TransactionDecision, TransactionMoment } from './transaction-logic.ts'
import type { ProducerAnswer, WaitingRequest } from './transaction-requests.ts'

/** Markers are mostly written within a few milliseconds; what holds them up longer may do so for ever. */
const WAIT_MS = 100
/** Of one transactional id: there is one producer, and what it sends again. */
const WAITING_MAX = 100

const waitTimer = (transactionalId: string, ticket: number): string =>
  `${transactionalId}/wait/${ticket}`

/** Decides the request when the transaction is completed, or tells who asked to come again. */
export function waitForCompletion(
  state: TransactionShardState,
  waiting: WaitingRequest,
  { patientMs }: TransactionMoment,
): TransactionDecision {
  const { transactionalId, ticket } = waiting.request
  const others = state.waiting.get(transactionalId)?.length ?? 0
  if (others >= WAITING_MAX) return { answers: [tooEarly(waiting)] }
  const event = { type: 'wait-expired', transactionalId, ticket: ticket.number } as const
  return {
    changes: [{ type: 'waits', transactionalId, request: waiting }],
    timers: [{ set: waitTimer(transactionalId, ticket.number), atMs: patientMs + WAIT_MS, event }],
  }
}

/** The request waits no more: its answer is in the same decision. */
export function waitsNoMore({ request }: WaitingRequest): TransactionDecision {
  const { transactionalId, ticket } = request
  return {
    changes: [{ type: 'waits-no-more', transactionalId, ticket: ticket.number }],
    timers: [{ cancel: waitTimer(transactionalId, ticket.number) }],
  }
}

/** The first of those who wait is next, once this decision is applied. */
export function resumeWaiting(transactionalId: string): TransactionDecision {
  return { work: [{ key: `${transactionalId}/completed`, steps: resumed(transactionalId) }] }
}

// oxlint-disable-next-line require-yield -- there is nothing to compute, only something to decide next
function* resumed(transactionalId: string): Generator<void, TransactionEvent, void> {
  return { type: 'completion-awaited', transactionalId }
}

/** It took too long. */
export function waitExpired(
  { waiting }: TransactionShardState,
  { transactionalId, ticket }: Extract<TransactionEvent, { type: 'wait-expired' }>,
): TransactionDecision {
  const late = waiting.get(transactionalId)?.find(({ request }) => request.ticket.number === ticket)
  if (late === undefined) return {}
  return { ...waitsNoMore(late), answers: [tooEarly(late)] }
}

function tooEarly({ type, request }: WaitingRequest): Answer {
  const error = 'CONCURRENT_TRANSACTIONS'
  switch (type) {
    case 'producer': {
      const none = { producerId: NO_PRODUCER_ID, producerEpoch: NO_EPOCH }
      return answer<ProducerAnswer>(request.ticket, { error, ...none })
    }
    case 'partitions':
      return answer(request.ticket, error)
  }
}

/** Decisions about different things, as one. */
export function joined(...decisions: readonly TransactionDecision[]): TransactionDecision {
  return {
    changes: decisions.flatMap(({ changes }) => changes ?? []),
    answers: decisions.flatMap(({ answers }) => answers ?? []),
    timers: decisions.flatMap(({ timers }) => timers ?? []),
    work: decisions.flatMap(({ work }) => work ?? []),
    errands: decisions.flatMap(({ errands }) => errands ?? []),
  }
}
