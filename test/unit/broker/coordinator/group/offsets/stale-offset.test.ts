import { ZERO_UUID } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { isStale } from '../../../../../../packages/broker/src/coordinator/group/offsets/stale-offset.ts'
import { imageWith, newTopic, topicIdOf } from '../../../../../support/metadata-image.ts'

const image = imageWith(...newTopic('orders'))
const at = (topicId: string) => ({
  offset: 1,
  leaderEpoch: -1,
  metadata: '',
  commitTimestampMs: 0,
  expireTimestampMs: -1,
  topicId,
})

describe('isStale', () => {
  it('tells offsets of an earlier topic of the name from those of the present one', () => {
    expect(isStale(at(topicIdOf('orders')), 'orders', image)).toBe(false)
    expect(isStale(at(topicIdOf('before')), 'orders', image)).toBe(true)
  })

  it('believes offsets of which it cannot know', () => {
    expect(isStale(at(ZERO_UUID), 'orders', image)).toBe(false)
    expect(isStale(at(topicIdOf('gone')), 'gone', image)).toBe(false)
  })
})
