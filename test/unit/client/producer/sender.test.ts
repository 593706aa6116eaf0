import { Produce } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Cluster } from '../../../../packages/client/src/cluster/cluster.ts'
import {
  type ProducerOptions,
  producerSettings,
} from '../../../../packages/client/src/producer/options.ts'
import { Sender } from '../../../../packages/client/src/producer/sender.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor } from '../../../support/fake-client.ts'

function sending(options: ProducerOptions = {}) {
  const fake = new FakeCluster(2)
  fake.addTopic('t', 4)
  const cluster = new Cluster(settingsFor(fake), { missingTopics: 'report' })
  const sender = new Sender(cluster, producerSettings(options))
  const outcomes: unknown[] = []
  const add = (partition: number, value = 'v') => {
    const resolve = (outcome: unknown) => {
      outcomes.push(outcome)
      if (outcome instanceof Promise) outcome.catch(() => {})
    }
    sender.accumulator.add({ topic: 't', partition, value }, resolve, 0)
  }
  const requests = () => fake.requests.filter(({ api }) => api === 'Produce')
  return { fake, sender, add, outcomes, requests, clock: fake.platform.clock }
}

describe('Sender', () => {
  it('sends the batches of several partitions to their leaders in one request each', async () => {
    const { add, clock, requests, outcomes } = sending()
    for (const partition of [0, 1, 2, 3]) add(partition)
    await clock.settle()
    expect(
      requests()
        .map(({ brokerId }) => brokerId)
        .toSorted((a, b) => a - b),
    ).toEqual([1, 2])
    expect(outcomes).toHaveLength(4)
  })

  it('keeps within maxRequestBytes', async () => {
    const { add, clock, requests } = sending({ maxRequestBytes: 150 })
    for (const partition of [0, 2]) add(partition, 'x'.repeat(100))
    await clock.settle()
    expect(requests()).toHaveLength(2)
  })

  it('keeps within maxInFlight', async () => {
    const { fake, add, clock, requests } = sending({
      maxInFlight: 2,
      batchSizeBytes: 1,
      idempotent: false,
    })
    fake.next(Produce, () => 'silence')
    for (let count = 0; count < 10; count += 1) add(0)
    await clock.settle()
    // The broker answers in order, so what follows the silent one is not even read.
    expect(requests()).toHaveLength(1)
    await clock.advance(31_000)
    expect(fake.values('t', 0)).toHaveLength(10)
  })

  it('fails all batches when it may not be idempotent', async () => {
    const { fake, add, clock, outcomes } = sending()
    fake.versions.set(22, undefined)
    add(0)
    await clock.settle()
    expect(outcomes).toHaveLength(1)
    await expect(outcomes[0]).rejects.toMatchObject({ code: 'UNSUPPORTED_VERSION' })
  })

  it('fails what is not settled when it is closed', async () => {
    const { fake, sender, add, clock, outcomes } = sending()
    fake.always(Produce, () => 'silence')
    add(0)
    await clock.settle()
    sender.close(new Error('closed'))
    await expect(outcomes[0]).rejects.toThrow('closed')
  })
})
