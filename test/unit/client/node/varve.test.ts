import { describe, expect, it } from 'vitest'
import { Varve } from '../../../../packages/client/src/node/varve.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { watch } from '../../../support/fake-client.ts'

describe('Varve', () => {
  it('makes producers, consumers and admins of one cluster', async () => {
    const cluster = new FakeCluster()
    cluster.addTopic('t', 1)
    const varve = new Varve({ brokers: cluster.addresses }, cluster.platform)
    const sent = watch(varve.producer().send({ topic: 't', value: 'a' }))
    const read = watch(
      varve
        .consumer({ topics: ['t'], startAt: 'earliest' })
        [Symbol.asyncIterator]()
        .next(),
    )
    const listed = watch(varve.admin().listTopics())
    await cluster.platform.clock.advance(600)
    expect(sent.value().offset).toBe(0)
    expect(String(read.value().value?.value)).toBe('a')
    expect(listed.value()).toHaveLength(1)
  })

  it('refuses options that cannot work', () => {
    expect(() => new Varve({ brokers: ['nowhere'] })).toThrow(
      'brokers is "nowhere"; expected host:port',
    )
  })
})
