import { type ErrorName, errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { isPending } from '../../../../packages/broker/src/coordinator/group/offsets/pending-offsets.ts'
import { shardOf } from '../../../../packages/broker/src/coordinator/runtime/shard-of.ts'
import type { VerificationRequest } from '../../../../packages/broker/src/coordinator/transaction-verifier.ts'
import type { RequestContext } from '../../../../packages/broker/src/handlers/handler.ts'
import { txnOffsetCommit } from '../../../../packages/broker/src/handlers/txn-offset-commit.ts'
import { GroupShard } from '../../../support/group-shard.ts'
import { memoryBroker } from '../../../support/memory-broker.ts'
import { pureGroups } from '../../../support/pure-groups.ts'

interface Given {
  readonly authorize?: RequestContext['authorize']
  readonly verified?: ErrorName
  readonly settings?: { readonly [name: string]: string }
}

async function given({ authorize = () => true, verified = 'NONE', settings = {} }: Given = {}) {
  const shard = new GroupShard()
  const { broker, ask } = await memoryBroker({
    ...{ topics: { orders: 2, __consumer_offsets: 4 }, authorize, settings },
  })
  const asked: VerificationRequest[] = []
  const verifier = {
    verify: (request: VerificationRequest) => {
      asked.push(request)
      return Promise.resolve([verified])
    },
  }
  Object.assign(broker, { groups: pureGroups(shard), verifier })
  const commit = async (more: { generationId?: number; topic?: string } = {}, version = 5) => {
    const { generationId = -1, topic = 'orders' } = more
    const partitions = [{ partitionIndex: 1, committedOffset: 42, committedMetadata: null }]
    const answer = await ask(txnOffsetCommit, version, {
      ...{ transactionalId: 'payments', groupId: 'g', producerId: 7, producerEpoch: 0 },
      ...(version >= 3 ? { generationId, memberId: '' } : {}),
      topics: [{ name: topic, partitions }],
    }).answered
    return answer.topics.flatMap(({ partitions }) =>
      partitions.map(({ errorCode }) => errorName(errorCode)),
    )
  }
  return { shard, asked, commit }
}

const place = { topic: 'orders', partition: 1 }

describe('TxnOffsetCommit', () => {
  it('keeps offsets that count when the transaction is committed (T9)', async () => {
    const { shard, asked, commit } = await given()
    expect(await commit()).toEqual(['NONE'])
    expect(asked).toEqual([
      {
        ...{ transactionalId: 'payments', producerId: 7, producerEpoch: 0, mode: 'add' },
        partitions: [{ topic: '__consumer_offsets', partition: shardOf('g', 4) }],
      },
    ])
    expect(isPending(shard.state.pendingOffsets, 'g', place)).toBe(true)
    expect(shard.state.offsets.has('g')).toBe(false)
  })

  it('before version 5 demands that the offsets were added to the transaction', async () => {
    const { asked, commit } = await given()
    await commit({}, 4)
    expect(asked.map(({ mode }) => mode)).toEqual(['verify'])
  })

  it.each([
    ['PRODUCER_FENCED', 5, 'INVALID_PRODUCER_EPOCH'],
    ['TRANSACTION_ABORTABLE', 4, 'TRANSACTION_ABORTABLE'],
    ['TRANSACTION_ABORTABLE', 3, 'INVALID_TXN_STATE'],
    ['CONCURRENT_TRANSACTIONS', 5, 'CONCURRENT_TRANSACTIONS'],
    ['CONCURRENT_TRANSACTIONS', 4, 'COORDINATOR_LOAD_IN_PROGRESS'],
    ['NOT_COORDINATOR', 5, 'COORDINATOR_LOAD_IN_PROGRESS'],
  ] as const)('says %s to version %i as %s', async (verified, version, said) => {
    const { shard, commit } = await given({ verified })
    expect(await commit({}, version)).toEqual([said])
    expect(isPending(shard.state.pendingOffsets, 'g', place)).toBe(false)
  })

  it('is refused to a generation that the group has not (KIP-447)', async () => {
    const { commit } = await given()
    expect(await commit({ generationId: 3 })).toEqual(['ILLEGAL_GENERATION'])
  })

  it('asks nobody about topics that are not there', async () => {
    const { asked, commit } = await given()
    expect(await commit({ topic: 'none' })).toEqual(['UNKNOWN_TOPIC_OR_PARTITION'])
    expect(asked).toEqual([])
  })

  it('asks nobody when transaction.partition.verification.enable is off, but for transactions v2', async () => {
    const settings = { 'transaction.partition.verification.enable': 'false' }
    const { asked, commit } = await given({ settings })
    expect(await commit({}, 4)).toEqual(['NONE'])
    expect(asked).toEqual([])
    await commit({}, 5)
    expect(asked).toHaveLength(1)
  })

  it.each([
    ['TransactionalId', 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'],
    ['Group', 'GROUP_AUTHORIZATION_FAILED'],
    ['Topic', 'TOPIC_AUTHORIZATION_FAILED'],
  ])('needs leave for the %s', async (forbidden, said) => {
    const { commit } = await given({ authorize: (_operation, type) => type !== forbidden })
    expect(await commit()).toEqual([said])
  })
})
