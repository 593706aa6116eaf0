import { crc32c, type ErrorName, nodeCodecs } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Cluster } from '../../../../packages/client/src/cluster/cluster.ts'
import { ProtocolError } from '../../../../packages/client/src/errors.ts'
import { Accumulator } from '../../../../packages/client/src/producer/accumulator.ts'
import { ProducerBatch } from '../../../../packages/client/src/producer/batch.ts'
import { BatchOutcomes } from '../../../../packages/client/src/producer/batch-outcomes.ts'
import { Flushes } from '../../../../packages/client/src/producer/flushes.ts'
import { producerSettings } from '../../../../packages/client/src/producer/options.ts'
import { PartitionQueue } from '../../../../packages/client/src/producer/partition-queue.ts'
import type { SendingTransaction } from '../../../../packages/client/src/producer/sending-transaction.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor } from '../../../support/fake-client.ts'

const IDENTITY = { producerId: 1, producerEpoch: 0 }

/** A batch that was sent and answered, outside of a transaction or inside one. */
function answered(transaction?: Partial<SendingTransaction>) {
  const fake = new FakeCluster()
  const cluster = new Cluster(settingsFor(fake), { missingTopics: 'report' })
  const listener = { onUnknownTopic: () => {}, onBatch: () => {} }
  const settings = producerSettings({})
  const accumulator = new Accumulator({ settings, platform: fake.platform, listener })
  const retried: Error[] = []
  const given: { error: Error; wasSent: boolean }[] = []
  const outcomes = new BatchOutcomes({
    cluster,
    deliveryTimeoutMs: 1000,
    accumulator,
    flushes: new Flushes(accumulator),
    transaction: () =>
      transaction === undefined
        ? undefined
        : ({
            failure: undefined,
            ...transaction,
            onFailure: (error, { wasSent }) => given.push({ error, wasSent }),
          } as SendingTransaction),
    onRetry: (_, error) => retried.push(error),
  })
  const queue = new PartitionQueue('t', 0)
  const told: unknown[] = []
  const next = (recordsCount = 1) => {
    const at = { topic: 't', partition: 0, createdAt: 0, deadline: 500, firstNumber: 0 }
    const batch = new ProducerBatch(at)
    const resolve = (outcome: unknown) => {
      told.push(outcome)
      if (outcome instanceof Promise) outcome.catch(() => undefined)
    }
    for (let count = 0; count < recordsCount; count += 1)
      batch.append({ key: null, value: 'v', headers: [], timestamp: 0 }, resolve, 0)
    const platform = { crc32c, codecs: nodeCodecs() }
    batch.seal({
      ...{ stamp: queue.stampFor(batch, IDENTITY), compression: 'none', level: undefined },
      ...{ isTransactional: transaction !== undefined, platform },
    })
    queue.sent(batch)
    queue.answered(batch)
    return { queue, batch }
  }
  const refuse = (entry: ReturnType<typeof next>, error: ErrorName) =>
    outcomes.refused(entry, new ProtocolError(error, 'writing'))
  return { fake, outcomes, queue, next, refuse, told, given, retried }
}

describe('BatchOutcomes', () => {
  it('sends again what a broker may take later', () => {
    const { next, refuse, retried, told } = answered()
    refuse(next(), 'NOT_LEADER_OR_FOLLOWER')
    expect([retried.length, told.length]).toEqual([1, 0])
  })

  it('has a producer without transactions go on under another id after a gap', () => {
    const { next, refuse, queue, told } = answered()
    refuse(next(), 'OUT_OF_ORDER_SEQUENCE_NUMBER')
    expect([queue.needsNewIdentity, told.length]).toEqual([true, 0])
  })

  it('takes the place in the sequence back when a batch was refused at the door', () => {
    const { next, refuse, queue } = answered()
    refuse(next(), 'TOPIC_AUTHORIZATION_FAILED')
    expect(next().batch.stamp.baseSequence).toBe(0)
    expect(queue.needsNewIdentity).toBe(false)
  })

  it('gives up in a transaction what leaves a gap in the sequence, and says so', () => {
    const { next, refuse, queue, given } = answered({})
    refuse(next(), 'OUT_OF_ORDER_SEQUENCE_NUMBER')
    expect(given).toMatchObject([{ wasSent: true }])
    expect([queue.needsNewIdentity, queue.isEmpty]).toEqual([false, true])
  })

  it('waits for the batch before it when that is why a sequence is wrong', () => {
    const { next, refuse, given, retried } = answered({})
    next()
    refuse(next(), 'OUT_OF_ORDER_SEQUENCE_NUMBER')
    expect([given.length, retried.length]).toEqual([0, 0])
  })

  it('sends nothing again in a transaction that has failed', () => {
    const { next, refuse, retried, given } = answered({ failure: new Error('failed') })
    refuse(next(), 'NOT_LEADER_OR_FOLLOWER')
    expect([retried.length, given.length]).toEqual([0, 1])
  })

  it('gives up what is out of time, and keeps what is still under way with its queue', async () => {
    const { fake, outcomes, next, told, given } = answered({})
    await fake.platform.clock.advance(600)
    outcomes.expired(next())
    const flying = next()
    flying.batch.isInFlight = true
    outcomes.expired(flying)
    expect([told.length, given.length]).toEqual([2, 2])
    expect(flying.queue.unresolved).toEqual([flying.batch])
  })

  it('splits no batch that nobody waits for any more: its parts would never be sent', () => {
    const failed = answered({ failure: new Error('failed') })
    failed.refuse(failed.next(2), 'MESSAGE_TOO_LARGE')
    expect([failed.queue.isEmpty, failed.told.length]).toEqual([true, 2])
    const late = answered()
    const entry = late.next(2)
    entry.batch.fail(new Error('out of time'))
    late.refuse(entry, 'MESSAGE_TOO_LARGE')
    expect([late.queue.isEmpty, late.told.length]).toEqual([true, 2])
  })
})
