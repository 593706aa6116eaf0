import { describe, expect, it } from 'vitest'
import type { ProducerOptions } from '../../../../packages/client/src/producer/options.ts'
import { Producer } from '../../../../packages/client/src/producer/producer.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'

function producing(options: ProducerOptions = {}) {
  const cluster = new FakeCluster()
  cluster.addTopic('orders', 1)
  return { clock: cluster.platform.clock, producer: new Producer(settingsFor(cluster), options) }
}

describe('flush', () => {
  it('resolves when all that it waited for turned out to have no place in the topic', async () => {
    const { clock, producer } = producing()
    const sent = watch(producer.send({ topic: 'orders', value: 'a', partition: 99 }))
    const flushed = watch(producer.flush())
    await clock.settle()
    expect(sent.error().code).toBe('INVALID_CONFIG')
    expect(flushed.state()).toBe('resolved')
  })

  it('leaves room to those that waited behind records without a place', async () => {
    const { clock, producer } = producing({ bufferMemoryBytes: 100 })
    const misplaced = watch(
      producer.send({ topic: 'orders', value: 'x'.repeat(200), partition: 99 }),
    )
    const behind = watch(producer.send({ topic: 'orders', value: 'a' }))
    await clock.settle()
    expect(misplaced.state()).toBe('rejected')
    expect(behind.value().offset).toBe(0)
  })
})
