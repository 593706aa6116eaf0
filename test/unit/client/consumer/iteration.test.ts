import { describe, expect, it } from 'vitest'
import type { ConsumerRecord } from '../../../../packages/client/src/consumer/record.ts'
import { watch } from '../../../support/fake-client.ts'
import { groupConsumer, valueOf } from '../../../support/group-consumer.ts'

describe('a loop', () => {
  it('has handled a record when it asks for the next', async () => {
    const { next, write, group, clock } = groupConsumer()
    write(['a', 'b'])
    expect(valueOf(await next())).toBe('a')
    await clock.advance(500)
    expect(group.committed.get('orders-0')).toBe(0)
    await next()
    await clock.advance(500)
    expect(group.committed.get('orders-0')).toBe(1)
  })

  it('has not handled what it had in hand when it was left', async () => {
    const { next, write, group, consumer, records, clock } = groupConsumer()
    write(['a', 'b'])
    await next()
    await next()
    await records.return?.()
    void consumer.close()
    await clock.advance(100)
    expect(group.committed.get('orders-0')).toBe(1)
    expect(group.leaves.length).toBe(1)
  })

  it('has handled what was committed of it, though it is left with it in hand', async () => {
    const { write, group, consumer, clock } = groupConsumer()
    write(['a', 'b', 'c', 'd', 'e'])
    const batches = consumer.batches()
    const asked = watch(batches.next())
    await clock.advance(50)
    const third = asked.value().value?.records[2] as ConsumerRecord
    const committed = watch(consumer.commit(third))
    await clock.advance(50)
    committed.value()
    await batches.return?.()
    void consumer.close()
    await clock.advance(100)
    expect(group.committed.get('orders-0')).toBe(3)
  })

  it('counts it as handled when another loop of the same consumer reads on', async () => {
    const { next, write, group, consumer, records, clock } = groupConsumer()
    write(['a', 'b'])
    await next()
    await records.return?.()
    const again = consumer[Symbol.asyncIterator]()
    const second = await again.next()
    expect(String(second.value?.value)).toBe('b')
    await clock.advance(200)
    expect(group.committed.get('orders-0')).toBe(1)
  })

  it('does not end when partitions come and go', async () => {
    const { next, group, clock } = groupConsumer()
    const asked = await next()
    group.isRebalancing = true
    await clock.advance(4000)
    expect(asked.state()).toBe('pending')
  })
})
