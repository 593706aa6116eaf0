import { describe, expect, it } from 'vitest'
import { TopicPartitioner } from '../../../../packages/client/src/producer/partitioner.ts'
import { TopicQueue } from '../../../../packages/client/src/producer/topic-queue.ts'

describe('TopicQueue', () => {
  it('keeps one queue per partition', () => {
    const random = { below: () => 0 }
    const topic = new TopicQueue(
      't',
      new TopicPartitioner({ partitioner: undefined, stickyBytes: 1, random }),
    )
    const second = topic.partition(2)
    expect(second).toMatchObject({ topic: 't', partition: 2 })
    expect(topic.partition(2)).toBe(second)
    expect(topic.partition(0).partition).toBe(0)
  })
})
