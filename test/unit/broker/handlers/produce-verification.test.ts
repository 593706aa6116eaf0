import { BatchBuilder, type ErrorName, errorCode } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { VerificationRequest } from '../../../../packages/broker/src/coordinator/transaction-verifier.ts'
import { produce } from '../../../../packages/broker/src/handlers/produce.ts'
import { memoryBroker, NOW } from '../../../support/memory-broker.ts'

const sent = (baseSequence = 0, producerEpoch = 0) => {
  const builder = new BatchBuilder()
  builder.append({ key: 'k', value: 'v', timestamp: NOW })
  return builder.build({ producerId: 7, producerEpoch, baseSequence, isTransactional: true })
}

async function given(settings: { readonly [name: string]: string } = {}) {
  const memory = await memoryBroker({ topics: { orders: 3 }, settings })
  const asked: VerificationRequest[] = []
  const answers: ((errors: readonly ErrorName[]) => void)[] = []
  const verifier = {
    verify: (request: VerificationRequest) => {
      asked.push(request)
      return new Promise<readonly ErrorName[]>(resolve => void answers.push(resolve))
    },
  }
  Object.assign(memory.broker, { verifier })
  const send = (records: readonly Uint8Array[], { version = 12, acks = -1 } = {}) => {
    const partitionData = records.map((bytes, index) => ({ index, records: bytes }))
    return memory.ask(produce, version, {
      ...{ acks, timeoutMs: 5_000, transactionalId: 'payments' },
      topicData: [{ name: 'orders', partitionData }],
    })
  }
  const settled = async () => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
    memory.clock.turn()
  }
  const answer = async (...errors: ErrorName[]) => {
    answers.shift()?.(errors)
    await settled()
  }
  return { ...memory, asked, send, answer, settled }
}

type Sent = ReturnType<Awaited<ReturnType<typeof given>>['send']>
const codesOf = ({ answer }: Sent) =>
  answer?.responses?.flatMap(({ partitionResponses }) =>
    partitionResponses.map(({ errorCode }) => errorCode),
  )

describe('Produce within a transaction', () => {
  it('asks the coordinator once for all partitions, and appends when it has agreed (T7)', async () => {
    const { send, answer, asked, partition } = await given()
    const request = send([sent(), sent(), sent()])
    expect(asked).toEqual([
      {
        ...{ transactionalId: 'payments', producerId: 7, producerEpoch: 0, mode: 'add' },
        partitions: [0, 1, 2].map(index => ({ topic: 'orders', partition: index })),
      },
    ])
    expect(partition('orders', 0).logEndOffset).toBe(0)
    await answer('NONE', 'TRANSACTION_ABORTABLE', 'PRODUCER_FENCED')
    expect(codesOf(request)).toEqual([
      0,
      errorCode('TRANSACTION_ABORTABLE'),
      errorCode('INVALID_PRODUCER_EPOCH'),
    ])
    expect([0, 1, 2].map(index => partition('orders', index).logEndOffset)).toEqual([1, 0, 0])
  })

  it('asks no more while the transaction is open, and not for what comes again', async () => {
    const { send, answer, asked, settled } = await given()
    send([sent()])
    await answer('NONE')
    const next = send([sent(1)])
    const again = send([sent()])
    await settled()
    expect(asked).toHaveLength(1)
    expect([codesOf(next), codesOf(again)]).toEqual([[0], [0]])
  })

  it('does not append what a marker has overtaken', async () => {
    const { send, answer, partition } = await given()
    const request = send([sent()])
    partition('orders', 0).appendMarker(
      {
        ...{ producerId: 7, producerEpoch: 0, coordinatorEpoch: 0 },
        ...{ result: 'abort', transactionVersion: 0 },
      },
      NOW,
    )
    await answer('NONE')
    expect(codesOf(request)).toEqual([errorCode('INVALID_TXN_STATE')])
    expect(partition('orders', 0).logEndOffset).toBe(1)
  })

  it('keeps the order of batches that wait together', async () => {
    const { send, answer, partition } = await given()
    const requests = [send([sent(0)]), send([sent(1)])]
    await answer('NONE')
    await answer('NONE')
    expect(requests.map(codesOf)).toEqual([[0], [0]])
    expect(partition('orders', 0).logEndOffset).toBe(2)
  })

  it('lets nobody overtake a batch that waits for the answer about another partition', async () => {
    const { send, answer, partition, settled } = await given()
    const first = send([sent(0)])
    const second = send([sent(1), sent(0)])
    await answer('NONE')
    const third = send([sent(2)])
    await settled()
    expect([codesOf(first), codesOf(second), codesOf(third)]).toEqual([[0], undefined, [0]])
    expect(partition('orders', 0).logEndOffset).toBe(3)
    await answer('NONE', 'NONE')
    expect(codesOf(second)).toEqual([0, 0])
    expect(partition('orders', 0).logEndOffset).toBe(3)
  })

  it('does not take back what was let in with a batch before it', async () => {
    const { send, answer, partition } = await given()
    send([sent(0)])
    const second = send([sent(1)])
    await answer('NONE')
    await answer('COORDINATOR_LOAD_IN_PROGRESS')
    expect(codesOf(second)).toEqual([0])
    expect(partition('orders', 0).logEndOffset).toBe(2)
  })

  it('does not let a later batch begin where an earlier one was not let in', async () => {
    const { send, answer } = await given()
    const [first, second] = [send([sent(0)], { version: 11 }), send([sent(1)], { version: 11 })]
    await answer('COORDINATOR_LOAD_IN_PROGRESS')
    await answer('NONE')
    expect(codesOf(first as Sent)).toEqual([errorCode('NOT_ENOUGH_REPLICAS')])
    expect(codesOf(second as Sent)).toEqual([errorCode('OUT_OF_ORDER_SEQUENCE_NUMBER')])
  })

  it('demands of transactions v2 that a producer nobody knows begins at sequence 0', async () => {
    const { send, answer } = await given()
    const request = send([sent(5)])
    await answer('NONE')
    expect(codesOf(request)).toEqual([errorCode('OUT_OF_ORDER_SEQUENCE_NUMBER')])
  })

  it('says no in words that the version knows', async () => {
    const { send, answer, asked } = await given()
    const old = send([sent()], { version: 10 })
    await answer('TRANSACTION_ABORTABLE')
    const busy = send([sent()], { version: 11 })
    await answer('CONCURRENT_TRANSACTIONS')
    const busyV2 = send([sent()], { version: 12 })
    await answer('CONCURRENT_TRANSACTIONS')
    expect([old, busy, busyV2].map(codesOf)).toEqual(
      (['INVALID_TXN_STATE', 'NOT_ENOUGH_REPLICAS', 'CONCURRENT_TRANSACTIONS'] as const).map(
        error => [errorCode(error)],
      ),
    )
    expect(asked.map(({ mode }) => mode)).toEqual(['verify', 'verify', 'add'])
  })

  it('appends nothing after the client was told that it took too long', async () => {
    const { send, answer, clock, partition } = await given()
    const request = send([sent()])
    clock.advance(6_000)
    expect(codesOf(request)).toEqual([errorCode('REQUEST_TIMED_OUT')])
    await answer('NONE')
    expect(partition('orders', 0).logEndOffset).toBe(0)
  })

  it('with acks=0 tells of a refusal by closing the connection', async () => {
    const { send, answer } = await given()
    const request = send([sent()], { acks: 0 })
    expect(request.closedFor).toBeUndefined()
    await answer('PRODUCER_FENCED')
    expect(request.closedFor).toContain('INVALID_PRODUCER_EPOCH')
  })

  it('asks nobody when transaction.partition.verification.enable is off, but for transactions v2', async () => {
    const { send, asked, settled } = await given({
      'transaction.partition.verification.enable': 'false',
    })
    const request = send([sent()], { version: 11 })
    await settled()
    expect(codesOf(request)).toEqual([0])
    expect(asked).toEqual([])
  })
})
