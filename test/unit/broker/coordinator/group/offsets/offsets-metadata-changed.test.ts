import { describe, expect, it } from 'vitest'
import { GroupShard } from '../../../../../support/group-shard.ts'
import { imageWith, newTopic, topicIdOf } from '../../../../../support/metadata-image.ts'

const ORDERS = newTopic('orders', 3)

describe('offsetsMetadataChanged', () => {
  it('takes the offsets of a deleted topic, in every group', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 1, 'other-0': 2 }, { groupId: 'a' })
    shard.commit({ 'other-1': 3 }, { groupId: 'b' })
    shard.changeImage(imageWith(...ORDERS))
    expect(shard.committed('a')).toEqual({ 'orders-0': 1 })
    expect(shard.committed('b')).toEqual({})
    // As with Kafka the group is there until it is looked at again.
    expect(shard.state.offsets.has('b')).toBe(true)
  })

  it('leaves everything alone when topics come or grow', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 1, 'other-0': 2 })
    const before = shard.records.length
    shard.changeTopics(...newTopic('more'))
    shard.changeTopics()
    expect(shard.records.length).toBe(before)
  })

  it('takes what was committed before the topic was made anew, and leaves what came after', () => {
    const shard = new GroupShard({}, ...newTopic('wide', 1_500))
    for (let partition = 0; partition < 1_500; partition++)
      shard.commit({ [`wide-${partition}`]: 1 })
    const anew = newTopic('wide', 1_500).map(change => ({ ...change, topicId: topicIdOf('anew') }))
    shard.changeImage(imageWith(...anew))
    expect(shard.state.offsets.get('readers')?.get('wide')?.size).toBe(500)
    shard.commit({ 'wide-1400': 7 })
    shard.advance(0)
    expect(shard.committed()).toEqual({ 'wide-1400': 7 })
  })

  it('takes offsets that do not say in which topic they were committed', () => {
    const shard = new GroupShard()
    shard.take({
      changes: [
        {
          type: 'record',
          record: {
            type: 'LegacyOffsetCommit',
            key: { group: 'old', topic: 'other', partition: 0 },
            value: { offset: 1, metadata: '', commitTimestamp: 0 },
          },
        },
      ],
    })
    shard.changeImage(imageWith(...ORDERS))
    expect(shard.committed('old')).toEqual({})
  })
})
