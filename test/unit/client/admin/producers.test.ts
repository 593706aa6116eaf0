import { DescribeProducers, WriteTxnMarkers } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Admin } from '../../../../packages/client/src/admin/admin.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'

function administering() {
  const fake = new FakeCluster(2)
  fake.addTopic('t', 2)
  const { clock } = fake.platform
  const admin = new Admin(settingsFor(fake), {})
  const done = async <T>(promise: Promise<T>) => {
    const watched = watch(promise)
    await clock.advance(1000)
    return watched.value()
  }
  return { fake, admin, done }
}

const producer = (currentTxnStartOffset: number) => ({
  ...{ producerId: 5, producerEpoch: 1, lastSequence: 8, lastTimestamp: 1000 },
  ...{ coordinatorEpoch: -1, currentTxnStartOffset },
})

describe('describeProducers', () => {
  it('asks the leader of each partition, and says of each what is wrong', async () => {
    const { fake, admin, done } = administering()
    fake.always(DescribeProducers, ({ topics }, { brokerId }) => ({
      topics: topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map(partitionIndex => ({
          ...{ partitionIndex, errorCode: brokerId === 1 ? 0 : 29, errorMessage: null },
          activeProducers: brokerId === 1 ? [producer(17), producer(-1)] : [],
        })),
      })),
    }))
    const at = [0, 1].map(partition => ({ topic: 't', partition }))
    const described = await done(admin.describeProducers(at))
    const { currentTxnStartOffset: _, ...rest } = producer(17)
    expect(described[0]).toEqual({
      ...{ topic: 't', partition: 0, error: undefined },
      producers: [
        { ...rest, transactionStartOffset: 17 },
        { ...rest, transactionStartOffset: undefined },
      ],
    })
    expect(described[1]).toMatchObject({
      producers: [],
      error: { code: 'TOPIC_AUTHORIZATION_FAILED' },
    })
  })
})

describe('abortTransaction', () => {
  it('has the leader of the partition write a marker', async () => {
    const { fake, admin, done } = administering()
    let errorCode = 0
    fake.always(WriteTxnMarkers, ({ markers }) => ({
      markers: markers.map(({ producerId, topics }) => ({
        producerId,
        topics: topics.map(({ name, partitionIndexes }) => ({
          name,
          partitions: partitionIndexes.map(partitionIndex => ({ partitionIndex, errorCode })),
        })),
      })),
    }))
    const hanging = {
      ...{ topic: 't', partition: 1, producerId: 5, producerEpoch: 1, coordinatorEpoch: -1 },
    }
    expect(await done(admin.abortTransaction(hanging))).toEqual({
      ...{ topic: 't', partition: 1, error: undefined },
    })
    const [request] = fake.requests.filter(({ api }) => api === 'WriteTxnMarkers')
    expect(request).toMatchObject({
      brokerId: 2,
      request: {
        markers: [
          {
            ...{ producerId: 5, producerEpoch: 1, coordinatorEpoch: 0, transactionResult: false },
            topics: [{ name: 't', partitionIndexes: [1] }],
          },
        ],
      },
    })
    errorCode = 47
    expect((await done(admin.abortTransaction(hanging))).error?.code).toBe('INVALID_PRODUCER_EPOCH')
  })
})
