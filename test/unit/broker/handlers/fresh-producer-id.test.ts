import { describe, expect, it } from 'vitest'
import { answer } from '../../../../packages/broker/src/coordinator/runtime/decision.ts'
import type { ProducerAnswer } from '../../../../packages/broker/src/coordinator/transaction/transaction-requests.ts'
import { withFreshProducerId } from '../../../../packages/broker/src/handlers/fresh-producer-id.ts'
import type { RequestContext } from '../../../../packages/broker/src/handlers/handler.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { pureTransactions, refusingTransactions } from '../../../support/pure-transactions.ts'
import { ID, TransactionShard } from '../../../support/transaction-shard.ts'

const given = (producerId: number) => ({ error: 'NONE', producerId, producerEpoch: 0 }) as const
const REFUSED = { producerId: -1, producerEpoch: -1 }

/** Asks a coordinator that says what `say` says of the id it gets; `offered` are those ids. */
function asking(
  say: (freshProducerId: number | undefined) => ProducerAnswer,
  next: () => number | Promise<number> = () => 500,
  transactions = pureTransactions(new TransactionShard()),
) {
  const offered: (number | undefined)[] = []
  const context = { broker: { transactions, producerIds: { next } } } as unknown as RequestContext
  const given = withFreshProducerId(context, ID, ({ freshProducerId, ticket }) => {
    offered.push(freshProducerId)
    return { answers: [answer(ticket, say(freshProducerId))] }
  })
  return { offered, given }
}

describe('withFreshProducerId', () => {
  it('takes no id where none is needed', async () => {
    const next = () => Promise.reject(new Error('ids are for good'))
    const asked = asking(() => given(7), next)
    expect(await asked.given).toEqual(given(7))
    expect(asked.offered).toEqual([undefined])
  })

  it('asks again with an id where one is needed, once', async () => {
    const asked = asking(id => (id === undefined ? 'needs producer id' : given(id)))
    expect(await asked.given).toEqual(given(500))
    expect(asked.offered).toEqual([undefined, 500])
    const insatiable = asking(() => 'needs producer id')
    expect(await insatiable.given).toEqual({ error: 'COORDINATOR_NOT_AVAILABLE', ...REFUSED })
    expect(insatiable.offered).toEqual([undefined, 500])
  })

  it('has the client ask again when no ids can be made durable, and hides no other failure', async () => {
    const without = (reason: Error) =>
      asking(
        () => 'needs producer id',
        () => Promise.reject(reason),
      ).given
    const full = new DiskError('write', '/data', 'ENOSPC')
    expect(await without(full)).toEqual({ error: 'COORDINATOR_NOT_AVAILABLE', ...REFUSED })
    await expect(without(new Error('a mistake'))).rejects.toThrow('a mistake')
  })

  it('says why nobody decides', async () => {
    const asked = asking(() => given(7), undefined, refusingTransactions('NOT_COORDINATOR'))
    expect(await asked.given).toEqual({ error: 'NOT_COORDINATOR', ...REFUSED })
    expect(asked.offered).toEqual([])
  })
})
