import { Metadata, OffsetFetch } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { groupConsumer, valueOf } from '../../../support/group-consumer.ts'

describe('OffsetLoader', () => {
  it('begins where the group stands, and where it was told to when nothing is committed', async () => {
    const { next, write, group } = groupConsumer()
    write(['a0', 'a1'], 0)
    write(['b0'], 1)
    group.committed.set('orders-0', 1)
    expect([valueOf(await next()), valueOf(await next())].toSorted()).toEqual(['a1', 'b0'])
  })

  it.each(['COORDINATOR_LOAD_IN_PROGRESS', 'UNSTABLE_OFFSET_COMMIT', 'NOT_COORDINATOR'] as const)(
    'tries again after %s',
    async name => {
      const { next, write, group } = groupConsumer()
      write(['a'])
      group.refuse(OffsetFetch, name, name)
      expect(valueOf(await next(1000))).toBe('a')
    },
  )

  it('looks at the topics again when the coordinator does not know one', async () => {
    const { next, write, group, cluster } = groupConsumer()
    write(['a'])
    group.refuse(OffsetFetch, 'UNKNOWN_TOPIC_ID')
    await next(0)
    const before = cluster.requestsOf(Metadata).length
    await next(1000)
    expect(cluster.requestsOf(OffsetFetch).length).toBe(2)
    expect(before).toBeGreaterThan(1)
  })

  it('waits for offsets of transactions that are open', async () => {
    const { next, cluster } = groupConsumer()
    await next()
    expect(cluster.requestsOf(OffsetFetch)).toMatchObject([{ requireStable: true }])
  })

  it('asks a broker that does not know groups of groups', async () => {
    const { next, write, cluster } = groupConsumer()
    cluster.versions.set(OffsetFetch.key, [1, 5])
    const partitions = [0, 1].map(partitionIndex => ({
      partitionIndex,
      committedOffset: 1 - partitionIndex,
      metadata: null,
      errorCode: 0,
    }))
    cluster.always(OffsetFetch, () => ({ errorCode: 0, topics: [{ name: 'orders', partitions }] }))
    write(['a', 'b'])
    expect(valueOf(await next())).toBe('b')
  })

  it('tells the reader when there is nowhere to begin', async () => {
    const options = { startAt: undefined as never, autoOffsetReset: 'none' } as const
    const { next } = groupConsumer({ options })
    expect((await next(100)).error().message).toContain('nothing is committed of orders-0')
  })

  it('leaves a partition alone that a hook has moved', async () => {
    const parts = groupConsumer({
      partitionsCount: 1,
      options: {
        onAssigned: async ([at]) => {
          if (at !== undefined) await parts.consumer.seek(at, 2)
        },
      },
    })
    parts.group.committed.set('orders-0', 1)
    parts.write(['a', 'b', 'c'])
    expect(valueOf(await parts.next(100))).toBe('c')
  })
})
