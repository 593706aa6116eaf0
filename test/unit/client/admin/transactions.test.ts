import {
  DescribeCluster,
  DescribeTransactions,
  FindCoordinator,
  InitProducerId,
  ListTransactions,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Admin } from '../../../../packages/client/src/admin/admin.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'

/** Transactional ids are looked after by the broker whose number they end with. */
function administering() {
  const fake = new FakeCluster(2)
  fake.versions.set(DescribeCluster.key, undefined)
  fake.always(FindCoordinator, ({ coordinatorKeys, keyType }) => ({
    coordinators: coordinatorKeys.map(key => {
      const nodeId = Number(key.at(-1))
      const address = { nodeId, host: `broker-${nodeId}`, port: 9092 }
      return { key, ...address, errorCode: keyType === 1 ? 0 : 42, errorMessage: null }
    }),
  }))
  const { clock } = fake.platform
  const admin = new Admin(settingsFor(fake), {})
  const done = async <T>(promise: Promise<T>) => {
    const watched = watch(promise)
    await clock.advance(1000)
    return watched
  }
  return { fake, admin, done }
}

const listed = (transactionalId: string, transactionState = 'Ongoing') => ({
  ...{ transactionalId, producerId: 5, transactionState },
})

describe('listTransactions', () => {
  it('asks all brokers and lists each id once, by id', async () => {
    const { fake, admin, done } = administering()
    fake.always(ListTransactions, (_, { brokerId }) => ({
      ...{ errorCode: 0, unknownStateFilters: [] },
      transactionStates:
        brokerId === 1 ? [listed('z'), listed('b', 'Dancing')] : [listed('a'), listed('z')],
    }))
    const found = (await done(admin.listTransactions())).value()
    expect(found.map(({ transactionalId, state }) => [transactionalId, state])).toEqual([
      ['a', 'Ongoing'],
      ['b', 'Unknown'],
      ['z', 'Ongoing'],
    ])
  })

  it('asks for what it was told to, where brokers can', async () => {
    const { fake, admin, done } = administering()
    fake.always(ListTransactions, () => ({
      ...{ errorCode: 0, unknownStateFilters: [], transactionStates: [] },
    }))
    const states = ['Ongoing'] as const
    const options = { states, producerIds: [3], openForMs: 60_000, transactionalIdPattern: 'a.*' }
    expect((await done(admin.listTransactions(options))).value()).toEqual([])
    expect(fake.requestsOf(ListTransactions)[0]).toMatchObject({
      ...{ stateFilters: ['Ongoing'], producerIdFilters: [3], durationFilter: 60_000 },
      transactionalIdPattern: 'a.*',
    })
    fake.versions.set(ListTransactions.key, [0, 0])
    fake.dropConnections(1)
    fake.dropConnections(2)
    expect((await done(admin.listTransactions(options))).error()).toMatchObject({
      code: 'UNSUPPORTED_VERSION',
    })
  })
})

describe('describeTransactions', () => {
  it('asks the coordinator of each id, and says of each what is wrong', async () => {
    const { fake, admin, done } = administering()
    fake.always(DescribeTransactions, ({ transactionalIds }) => ({
      transactionStates: transactionalIds.map(transactionalId => ({
        ...{ transactionalId, transactionState: 'Ongoing', transactionTimeoutMs: 9000 },
        ...{ errorCode: transactionalId === 'gone-2' ? 105 : 0, producerId: 7, producerEpoch: 3 },
        transactionStartTimeMs: transactionalId === 'a-1' ? 1_700_000_000_000 : -1,
        topics: [{ topic: 't', partitions: [0, 2] }],
      })),
    }))
    const described = (await done(admin.describeTransactions(['a-1', 'gone-2', 'b-2']))).value()
    expect(described[0]).toEqual({
      ...{ transactionalId: 'a-1', state: 'Ongoing', coordinatorId: 1, timeoutMs: 9000 },
      ...{ producerId: 7, producerEpoch: 3, startedAt: 1_700_000_000_000, error: undefined },
      partitions: [0, 2].map(partition => ({ topic: 't', partition })),
    })
    expect(described[1]?.error?.code).toBe('TRANSACTIONAL_ID_NOT_FOUND')
    expect(described[2]).toMatchObject({ coordinatorId: 2, startedAt: undefined })
  })
})

describe('fenceProducers', () => {
  it('takes the epochs, and waits for the abort of what was open', async () => {
    const { fake, admin, done } = administering()
    fake.next(InitProducerId, () => ({ errorCode: 51, producerId: -1, producerEpoch: -1 }))
    fake.always(InitProducerId, ({ transactionalId }) =>
      transactionalId === 'a-1'
        ? { errorCode: 0, producerId: 9, producerEpoch: 4 }
        : { errorCode: 53, producerId: -1, producerEpoch: -1 },
    )
    const fenced = (await done(admin.fenceProducers(['a-1', 'b-2']))).value()
    expect(fenced).toMatchObject([
      { transactionalId: 'a-1', producerId: 9, producerEpoch: 4, error: undefined },
      { transactionalId: 'b-2', error: { code: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED' } },
    ])
  })
})
