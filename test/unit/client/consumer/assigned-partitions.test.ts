import { describe, expect, it } from 'vitest'
import { Consumer } from '../../../../packages/client/src/consumer/consumer.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'
import { FakeGroup } from '../../../support/fake-group.ts'
import { batchOf } from '../../../support/record-batches.ts'

describe('partitions that a consumer was told to read', () => {
  it('begin where their group stands, and are committed without a membership', async () => {
    const cluster = new FakeCluster()
    cluster.addTopic('orders', 2)
    const group = new FakeGroup(cluster)
    group.committed.set('orders-0', 1)
    cluster.append('orders', 0, batchOf({ values: ['a', 'b', 'c'], timestamp: 1 }))
    const consumer = new Consumer(settingsFor(cluster), {
      groupId: 'g',
      assignments: [{ topic: 'orders', partition: 0 }],
    })
    const records = consumer[Symbol.asyncIterator]()
    const { clock } = cluster.platform
    const first = watch(records.next())
    await clock.advance(50)
    expect(String(first.value().value?.value)).toBe('b')
    const second = watch(records.next())
    await clock.advance(100)
    expect(second.value().value?.offset).toBe(2)
    expect(group.commits.at(-1)).toEqual({
      memberId: '',
      generationId: -1,
      offsets: ['orders-0@2'],
    })
    expect(group.joins).toEqual([])
  })

  it('begin at an offset of their own, whatever is committed', async () => {
    const cluster = new FakeCluster()
    cluster.addTopic('orders', 1)
    const group = new FakeGroup(cluster)
    group.committed.set('orders-0', 1)
    cluster.append('orders', 0, batchOf({ values: ['a', 'b', 'c'], timestamp: 1 }))
    const consumer = new Consumer(settingsFor(cluster), {
      groupId: 'g',
      assignments: [{ topic: 'orders', partition: 0, offset: 2 }],
    })
    const first = watch(consumer[Symbol.asyncIterator]().next())
    await cluster.platform.clock.advance(50)
    expect(String(first.value().value?.value)).toBe('c')
  })
})
