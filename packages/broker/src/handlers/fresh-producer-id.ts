/** Asking the transaction coordinator what may need a new producer id, which a decision cannot make. */
import type { ErrorName } from '@varve/protocol'
import type { Ticket } from '../coordinator/runtime/decision.ts'
import type { TransactionShardState } from '../coordinator/transaction/state.ts'
import type {
  TransactionDecision,
  TransactionMoment,
} from '../coordinator/transaction/transaction-logic.ts'
import type {
  ProducerAnswer,
  ProducerGiven,
} from '../coordinator/transaction/transaction-requests.ts'
import { DiskError } from '../world.ts'
import type { RequestContext } from './handler.ts'

type Decide = (
  asking: {
    readonly freshProducerId: number | undefined
    readonly ticket: Ticket<ProducerAnswer>
  },
  state: TransactionShardState,
  moment: TransactionMoment,
) => TransactionDecision

/** Asks without an id first, as most need none: ids are for good. Asks again with one if it is needed. */
export async function withFreshProducerId(
  { broker }: RequestContext,
  transactionalId: string,
  decide: Decide,
): Promise<ProducerGiven> {
  const ask = (freshProducerId: number | undefined): Promise<ProducerAnswer> =>
    broker.transactions.ask<ProducerAnswer>(transactionalId, {
      decide: (state, ticket, moment) => decide({ freshProducerId, ticket }, state, moment),
      refuse: refused,
    })
  const first = await ask(undefined)
  if (first !== 'needs producer id') return first
  try {
    const second = await ask(await broker.producerIds.next())
    return second === 'needs producer id' ? refused('COORDINATOR_NOT_AVAILABLE') : second
  } catch (error) {
    // No block of ids could be made durable. The client asks again.
    if (error instanceof DiskError) return refused('COORDINATOR_NOT_AVAILABLE')
    throw error
  }
}

function refused(error: ErrorName): ProducerGiven {
  return { error, producerId: -1, producerEpoch: -1 }
}
