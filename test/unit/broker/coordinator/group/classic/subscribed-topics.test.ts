import { encodeSubscription } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import {
  subscribedTopics,
  topicsOf,
} from '../../../../../../packages/broker/src/coordinator/group/classic/subscribed-topics.ts'
import { ClassicShard, type JoinWords } from '../../../../../support/classic-shard.ts'

function topicsWith(words: JoinWords) {
  const shard = new ClassicShard()
  shard.stable(2, words)
  const group = shard.group()
  return group === undefined ? undefined : subscribedTopics(group)
}

describe('the topics that a classic group reads', () => {
  it('are those of all members', () => {
    expect(topicsWith({ topics: ['orders', 'audit'] })).toEqual(new Set(['orders', 'audit']))
  })

  it('are not known of other protocols, or when a member says something else', () => {
    expect(topicsWith({ protocolType: 'connect' })).toBeUndefined()
    expect(topicsWith({ metadata: Buffer.from('?') })).toBeUndefined()
  })

  it('are none when its consumers have left', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(1)
    shard.leave([{ memberId: memberIds[0] ?? '' }])
    const group = shard.group()
    expect(group === undefined ? undefined : subscribedTopics(group)).toEqual(new Set())
  })

  it('are read from one subscription', () => {
    expect(topicsOf(encodeSubscription(0, { topics: ['orders'] }))).toEqual(new Set(['orders']))
    expect(topicsOf(undefined)).toBeUndefined()
  })
})
