import { describe, expect, it } from 'vitest'
import type { TopicImage } from '../../../../packages/client/src/cluster/image.ts'
import { partitionOfKey } from '../../../../packages/client/src/producer/murmur2.ts'
import {
  type Partitioner,
  TopicPartitioner,
} from '../../../../packages/client/src/producer/partitioner.ts'

function topicOf(leaders: readonly number[]): TopicImage {
  const partitions = leaders.map((leaderId, partition) => ({
    partition,
    leaderId,
    leaderEpoch: 0,
    replicas: [],
    inSyncReplicas: [],
    offlineReplicas: [],
    error: undefined,
  }))
  return { name: 't', topicId: '', isInternal: false, error: undefined, partitions }
}

function partitionerOf(partitioner?: Partitioner) {
  let chance = 0
  const random = { below: (bound: number) => chance++ % bound }
  return new TopicPartitioner({ partitioner, stickyBytes: 1000, random })
}

describe('TopicPartitioner', () => {
  it('goes by the key, as bytes or as text', () => {
    const partitioner = partitionerOf()
    const topic = topicOf([1, 1, 1, 1, 1])
    const key = 'user-1'
    const expected = partitionOfKey(Buffer.from(key), 5)
    expect(partitioner.choose({ topic: 't', key, value: null }, topic, 10)).toBe(expected)
    expect(partitioner.choose({ topic: 't', key: Buffer.from(key), value: null }, topic, 10)).toBe(
      expected,
    )
  })

  it('stays with a partition for a batch, without a key, and passes over those without a leader (KIP-794)', () => {
    const partitioner = partitionerOf()
    const topic = topicOf([1, -1, 1])
    const chosen = Array.from({ length: 40 }, () =>
      partitioner.choose({ topic: 't', value: 'x' }, topic, 100),
    )
    expect(chosen.slice(0, 20)).toEqual([...Array(10).fill(0), ...Array(10).fill(2)])
    expect(new Set(chosen)).toEqual(new Set([0, 2]))
  })

  it('takes the partition that the record names, if there is one', () => {
    const partitioner = partitionerOf()
    const topic = topicOf([1, 1])
    expect(partitioner.choose({ topic: 't', key: 'k', value: '', partition: 1 }, topic, 1)).toBe(1)
    for (const partition of [2, -1, 0.5]) {
      expect(() => partitioner.choose({ topic: 't', value: '', partition }, topic, 1)).toThrow(
        'expected 0 to 1',
      )
    }
  })

  it('asks a partitioner of the caller, and refuses what is out of range', () => {
    const topic = topicOf([1, 1, 1])
    const last = partitionerOf((_record, { partitionsCount }) => partitionsCount - 1)
    expect(last.choose({ topic: 't', key: 'k', value: '' }, topic, 1)).toBe(2)
    const wrong = partitionerOf(() => 3)
    expect(() => wrong.choose({ topic: 't', value: '' }, topic, 1)).toThrow(
      'what the partitioner returned is 3',
    )
  })
})
