import { ZERO_UUID } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { type ClusterImage, EMPTY_IMAGE } from '../../../../packages/client/src/cluster/image.ts'
import { ReadPartition } from '../../../../packages/client/src/consumer/read-partition.ts'
import type { ConsumerRecord } from '../../../../packages/client/src/consumer/record.ts'
import {
  anotherPartition,
  changedTopicId,
  topicChanged,
} from '../../../../packages/client/src/consumer/topic-change.ts'
import { watch } from '../../../support/fake-client.ts'
import { groupConsumer, valueOf } from '../../../support/group-consumer.ts'

const FIRST = 'AAAAAAAAAAAAAAAAAAAAAQ'
const SECOND = 'AAAAAAAAAAAAAAAAAAAAAg'

const at = { topic: 'orders', partition: 0 }

function imageOf(topicId: string): ClusterImage {
  const topic = { name: 'orders', topicId, isInternal: false, error: undefined, partitions: [] }
  return { ...EMPTY_IMAGE, topics: new Map([['orders', topic]]) }
}

describe('a topic that is created again', () => {
  it('is told by its id, which brokers that are too old do not have', () => {
    const partition = new ReadPartition(at, 5)
    expect(changedTopicId(partition, imageOf(ZERO_UUID))).toBeUndefined()
    expect(changedTopicId(partition, EMPTY_IMAGE)).toBeUndefined()
    expect(changedTopicId(partition, imageOf(FIRST))).toBeUndefined()
    expect(partition.topicId).toBe(FIRST)
    expect(changedTopicId(partition, imageOf(SECOND))).toBe(SECOND)
  })

  it('has other partitions, which are paused when the old ones were', () => {
    const partition = new ReadPartition(at, 5)
    partition.isPaused = true
    partition.endOffset = Number.POSITIVE_INFINITY
    const another = anotherPartition(partition, SECOND, 'earliest')
    expect(another).toMatchObject({ ...at, topicId: SECOND, target: 'earliest', isPaused: true })
    expect(another.endOffset).toBe(Number.POSITIVE_INFINITY)
    partition.endOffset = 7
    expect(anotherPartition(partition, SECOND, 'latest').endOffset).toBeUndefined()
    expect(topicChanged(partition).message).toContain('reading orders-0 at 5')
  })

  it('is read from the beginning, and nothing of the old one is committed for it', async () => {
    const { cluster, group, consumer, clock, next, write, lines } = groupConsumer({
      partitionsCount: 1,
      options: { commit: 'manual', autoOffsetReset: 'earliest' },
    })
    write(['old 0', 'old 1', 'old 2'])
    expect(valueOf(await next())).toBe('old 0')
    const old = (await next()).value().value as ConsumerRecord
    cluster.addTopic('orders', 1, SECOND)
    const fresh = ['new 0', 'new 1', 'new 2', 'new 3', 'new 4']
    write(fresh)
    cluster.dropConnections(1)
    const seen: string[] = []
    for (let asked = await next(2000); asked.state() === 'resolved'; asked = await next(100))
      seen.push(valueOf(asked))
    expect(seen.filter(value => value.startsWith('new'))).toEqual(fresh)
    const committed = watch(consumer.commit(old))
    await clock.advance(100)
    expect(committed.error()).toMatchObject({ code: 'FENCED' })
    expect(group.commits).toEqual([])
    const message = 'the topic was deleted and created again; reading begins anew'
    expect(lines.filter(line => line.message === message).length).toBe(1)
  })

  it('is not passed over in silence by a reader without a policy', async () => {
    const { cluster, clock, next, write } = groupConsumer({
      partitionsCount: 1,
      options: { autoOffsetReset: 'none' },
    })
    write(['old'])
    expect(valueOf(await next())).toBe('old')
    cluster.addTopic('orders', 1, SECOND)
    cluster.dropConnections(1)
    const asked = await next(5000)
    await clock.advance(1000)
    expect(asked.error().message).toContain('the topic was deleted and created again')
  })
})
