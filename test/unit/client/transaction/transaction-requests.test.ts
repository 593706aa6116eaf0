import { AddPartitionsToTxn, EndTxn, InitProducerId, TxnOffsetCommit } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Cluster } from '../../../../packages/client/src/cluster/cluster.ts'
import { TransactionRequests } from '../../../../packages/client/src/transaction/transaction-requests.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'
import { FakeTransactions } from '../../../support/fake-transactions.ts'

function asking(version: 1 | 2) {
  const fake = new FakeCluster(2)
  const coordinator = new FakeTransactions(fake, { version })
  const settings = settingsFor(fake, { apiTimeoutMs: 2000 })
  const cluster = new Cluster(settings, { missingTopics: 'report' })
  const parts = { cluster, transactionalId: 'x', transactionTimeoutMs: 5000 }
  const requests = new TransactionRequests(parts)
  const { clock } = fake.platform
  const done = async <T>(promise: Promise<T>, ms = 300) => {
    const watched = watch(promise)
    await clock.advance(ms)
    return watched
  }
  return { fake, cluster, coordinator, requests, done }
}

const GROUP = { groupId: 'g', memberId: 'm', generationIdOrMemberEpoch: 3, groupInstanceId: null }

describe('TransactionRequests', () => {
  it('ask for an epoch as who they are, so that one who was fenced gets none (KIP-360)', async () => {
    const { fake, coordinator, requests, done } = asking(2)
    const first = (await done(requests.initProducer(undefined))).value()
    expect((await done(requests.initProducer(first))).value()).toEqual({
      ...first,
      producerEpoch: first.producerEpoch + 1,
    })
    coordinator.fence()
    expect((await done(requests.initProducer(first))).error()).toMatchObject({
      code: 'PRODUCER_FENCED',
    })
    expect(fake.requestsOf(InitProducerId)[0]).toMatchObject({
      ...{ transactionalId: 'x', transactionTimeoutMs: 5000, producerId: -1, producerEpoch: -1 },
    })
  })

  it('say of partitions that were not added which error was the reason', async () => {
    const { fake, requests, done } = asking(1)
    const identity = (await done(requests.initProducer(undefined))).value()
    fake.next(AddPartitionsToTxn, () => ({
      resultsByTopicV3AndBelow: [
        {
          name: 't',
          resultsByPartition: [
            { partitionIndex: 0, partitionErrorCode: 55 },
            { partitionIndex: 1, partitionErrorCode: 29 },
          ],
        },
      ],
    }))
    const partitions = [0, 1].map(partition => ({ topic: 't', partition }))
    const adding = await done(requests.addPartitions(identity, partitions, {}))
    expect(adding.error()).toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED' })
    const { version } = fake.requests.at(-1) ?? {}
    expect(version).toBe(3)
  })

  it('repeat a commit of offsets until the coordinator of the group is ready', async () => {
    const { coordinator, requests, done } = asking(2)
    const identity = (await done(requests.initProducer(undefined))).value()
    coordinator.refuse(TxnOffsetCommit, 'COORDINATOR_LOAD_IN_PROGRESS', 'NOT_COORDINATOR')
    const offsets = [{ topic: 't', partition: 0, offset: 7 }]
    const committing = await done(
      requests.commitOffsets({ identity, version: 2 }, GROUP, offsets, {}),
      1000,
    )
    expect(committing.state()).toBe('resolved')
    expect(coordinator.offsets).toEqual(['g: t-0 7'])
  })

  it('ask no more once the signal says so', async () => {
    const { fake, requests, done } = asking(2)
    const identity = (await done(requests.initProducer(undefined))).value()
    fake.always(TxnOffsetCommit, () => 'silence')
    const stopped = new AbortController()
    const { signal } = stopped
    const asked = done(requests.commitOffsets({ identity, version: 2 }, GROUP, [], { signal }), 10)
    stopped.abort(new Error('the transaction was aborted'))
    expect((await asked).error().message).toBe('the transaction was aborted')
  })

  it('give the next epoch with the end of v2, and none with that of v1', async () => {
    for (const version of [1, 2] as const) {
      const { requests, done } = asking(version)
      const identity = (await done(requests.initProducer(undefined))).value()
      const at = [{ topic: 't', partition: 0 }]
      if (version === 1) await done(requests.addPartitions(identity, at, {}))
      const ended = await done(requests.end({ identity, version }, 'commit'))
      const next = version === 1 ? undefined : { producerId: 77, producerEpoch: 1 }
      expect(ended.value()).toEqual({ type: 'ended', identity: next })
    }
  })

  it('know whether a refused end may have been carried out before', async () => {
    for (const isInDoubt of [false, true]) {
      const { fake, coordinator, requests, done } = asking(2)
      const identity = (await done(requests.initProducer(undefined))).value()
      if (isInDoubt) fake.next(EndTxn, () => 'close')
      coordinator.fence()
      const ended = await done(requests.end({ identity, version: 2 }, 'commit'), 1000)
      expect(ended.value()).toMatchObject({
        ...{ type: 'refused', isInDoubt, error: { code: 'PRODUCER_FENCED' } },
      })
    }
  })

  it('do not know what became of an end that was under way when the client was closed', async () => {
    const { fake, cluster, requests, done } = asking(2)
    const identity = (await done(requests.initProducer(undefined))).value()
    fake.always(EndTxn, () => 'silence')
    const ended = done(requests.end({ identity, version: 2 }, 'commit'), 100)
    await fake.platform.clock.advance(10)
    cluster.close()
    const outcome = { type: 'refused', isInDoubt: true, error: { code: 'CLOSED' } }
    expect((await ended).value()).toMatchObject(outcome)
  })
})
