import { describe, expect, it } from 'vitest'
import {
  planStrays,
  type StrayFolder,
  type StrayRules,
} from '../../../../packages/broker/src/replication/stray-folders.ts'
import { imageWith, newTopic, topicIdOf } from '../../../support/metadata-image.ts'

const rules: StrayRules = {
  nodeId: 1,
  newTopicId: () => topicIdOf('new'),
  internalTopic: name =>
    name === '__consumer_offsets'
      ? { numPartitions: 2, numPartitionsSetting: 'offsets.topic.num.partitions', configs: [] }
      : undefined,
}

const stray = (topic: string, partition: number, more: Partial<StrayFolder> = {}): StrayFolder => ({
  ...{ name: `${topic}-${partition}`, topic, partition, sizeBytes: 1 },
  ...{ topicId: topicIdOf(topic), leaderEpoch: -1 },
  ...more,
})
const plan = (strays: StrayFolder[], image = imageWith()) => planStrays(strays, image, rules)

describe('folders that the metadata does not know', () => {
  it('become a topic with the id that they have, behind the epochs that their logs know, kept for ever', () => {
    const { changes } = plan([stray('a', 0, { leaderEpoch: 6 }), stray('a', 1)])
    const partition = { replicas: [1], isr: [1], leader: 1, partitionEpoch: 0 }
    const topicId = topicIdOf('a')
    const config = { name: 'retention.ms', value: '-1' }
    expect(changes).toEqual([
      { type: 'TopicRecord', name: 'a', topicId },
      { type: 'ConfigRecord', resourceType: 2, resourceName: 'a', ...config },
      { type: 'PartitionRecord', topicId, partitionId: 0, leaderEpoch: 7, ...partition },
      { type: 'PartitionRecord', topicId, partitionId: 1, leaderEpoch: 0, ...partition },
    ])
  })

  it('get one id for all partitions of a topic that has none, or that of the others', () => {
    const without = { topicId: undefined }
    const idsOf = (strays: StrayFolder[]) => plan(strays).folders.map(({ topicId }) => topicId)
    expect(idsOf([stray('a', 0, without), stray('a', 1, without)])).toEqual([
      topicIdOf('new'),
      topicIdOf('new'),
    ])
    expect(idsOf([stray('a', 0, without), stray('a', 1)])).toEqual([topicIdOf('a'), topicIdOf('a')])
  })

  it('become more partitions of a topic that is known', () => {
    const { changes } = plan([stray('a', 2)], imageWith(...newTopic('a', 2)))
    expect(changes.map(({ type }) => type)).toEqual(['PartitionRecord'])
  })

  it('of an internal topic are taken when all are there', () => {
    const offsets = '__consumer_offsets'
    expect(plan([stray(offsets, 0), stray(offsets, 1)]).folders).toHaveLength(2)
    expect(() => plan([stray(offsets, 0)])).toThrow(
      'The folder __consumer_offsets-0 cannot be taken over: there are 1 partitions of __consumer_offsets, and offsets.topic.num.partitions is 2; copy all of them, and say how many there are with --override offsets.topic.num.partitions=N. Move it away to start without it.',
    )
  })

  it('are refused by name when they do not fit', () => {
    const known = imageWith(...newTopic('a', 2))
    const other = { topicId: topicIdOf('b') }
    expect(() => plan([stray('a', 2, other)], known)).toThrow(
      `The folder a-2 cannot be taken over: it belongs to the topic with the id ${topicIdOf('b')}`,
    )
    expect(() => plan([stray('c', 0, { topicId: topicIdOf('a') })], known)).toThrow(
      'is that of the topic a',
    )
    expect(() => plan([stray('b', 0), stray('b', 2)])).toThrow(
      'The folder b-2 cannot be taken over: the folder of partition 1 of b is missing',
    )
    expect(() => plan([stray('a', 3)], known)).toThrow('partition 2 of a is missing')
    expect(() => plan([stray('..', 0)])).toThrow("the topic name is '.' or '..'")
    expect(() => plan([stray('a', 0, { topicId: '' })])).toThrow('makes no sense')
  })
})
