import { describe, expect, it } from 'vitest'
import { groupLogic } from '../../../../../../packages/broker/src/coordinator/group/group-logic.ts'
import { beat, consumerShard, joining } from '../../../../../support/consumer-shard.ts'
import { imageWith, newTopic } from '../../../../../support/metadata-image.ts'

const image = imageWith(...newTopic('orders', 2), ...newTopic('users', 2))
const grown = imageWith(...newTopic('orders', 3), ...newTopic('users', 2))

describe('a topic that grows', () => {
  it('has the groups that read it compute their targets one after another, and leaves the others alone', () => {
    const shard = consumerShard(image)
    for (const groupId of ['a', 'b']) beat(shard, joining('m', ['orders'], { groupId }))
    beat(shard, joining('m', ['users'], { groupId: 'c' }))
    const moment = { ...shard.moment, image: grown }
    const { work } = groupLogic.metadataChanged(shard.state, image, moment)
    expect(work?.map(({ key, begins }) => [key, begins])).toEqual([
      ['a/consumer-assignment', 'later'],
      ['b/consumer-assignment', 'later'],
    ])
  })
})
