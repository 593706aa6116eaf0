import { CreateTopics, DeleteRecords, DescribeLogDirs } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { askBroker, askController, callOf } from '../../../../packages/client/src/cluster/ask.ts'
import { Cluster } from '../../../../packages/client/src/cluster/cluster.ts'
import { deleteRecords } from '../../../../packages/client/src/cluster/offsets.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'

function asking() {
  const fake = new FakeCluster(2)
  fake.addTopic('orders', 2)
  const cluster = new Cluster(settingsFor(fake), { missingTopics: 'report' })
  return { fake, clock: fake.platform.clock, call: callOf(cluster, {}, 10_000) }
}

const created = (errorCode: number) => ({ topics: [{ name: 'a', errorCode, errorMessage: null }] })
const request = { topics: [], timeoutMs: 1, validateOnly: false }
const codes = (response: { readonly topics: readonly { readonly errorCode: number }[] }) =>
  response.topics.map(({ errorCode }) => errorCode)

describe('askController', () => {
  it('asks again when the broker says that it is not the controller', async () => {
    const { fake, clock, call } = asking()
    fake.next(CreateTopics, () => created(41))
    fake.next(CreateTopics, () => created(0))
    const answer = watch(askController(call, CreateTopics, request, codes))
    await clock.advance(500)
    expect(answer.value().topics[0]?.errorCode).toBe(0)
  })

  it('asks again when the connection is lost', async () => {
    const { fake, clock, call } = asking()
    fake.next(CreateTopics, () => 'close')
    fake.next(CreateTopics, () => created(0))
    const answer = watch(askController(call, CreateTopics, request, codes))
    await clock.advance(500)
    expect(answer.state()).toBe('resolved')
  })
})

describe('askBroker', () => {
  it('asks the broker with the id, or says that there is none', async () => {
    const { fake, clock, call } = asking()
    fake.always(DescribeLogDirs, () => ({ results: [] }))
    const answer = watch(askBroker(call, 2, DescribeLogDirs, { topics: null }))
    await clock.settle()
    expect(answer.state()).toBe('resolved')
    expect(fake.requests.at(-1)).toMatchObject({ api: 'DescribeLogDirs', brokerId: 2 })
    const missing = watch(askBroker(call, 9, DescribeLogDirs, { topics: null }))
    await clock.advance(11_000)
    expect(missing.error().message).toContain('no broker 9')
  })
})

describe('askLeaders', () => {
  it('asks each leader for its own, gives results in order, and repeats only what may succeed later', async () => {
    const { fake, clock, call } = asking()
    let refused = 0
    fake.always(DeleteRecords, (asked, at) => ({
      topics: asked.topics.map(topic => ({
        ...topic,
        partitions: topic.partitions.map(({ partitionIndex, offset }) => {
          refused += at.brokerId === 2 ? 1 : 0
          return {
            partitionIndex,
            lowWatermark: offset,
            errorCode: at.brokerId === 2 && refused < 3 ? 6 : 0,
          }
        }),
      })),
    }))
    const items = [1, 0].map(partition => ({ topic: 'orders', partition, offset: partition + 5 }))
    const results = watch(
      deleteRecords(call, [...items, { topic: 'missing', partition: 0, offset: 0 }]),
    )
    await clock.advance(5000)
    expect(results.value().map(({ partition, lowWatermark }) => [partition, lowWatermark])).toEqual(
      [
        [1, 6],
        [0, 5],
        [0, -1],
      ],
    )
    expect(results.value()[2]?.error?.code).toBe('UNKNOWN_TOPIC_OR_PARTITION')
    expect(
      fake.requests.filter(({ api, brokerId }) => api === 'DeleteRecords' && brokerId === 1),
    ).toHaveLength(1)
    expect(
      fake.requests.filter(({ api, brokerId }) => api === 'DeleteRecords' && brokerId === 2),
    ).toHaveLength(3)
  })
})
