import { describe, expect, it } from 'vitest'
import { newDraft } from '../../../../../../packages/broker/src/coordinator/group/consumer/draft.ts'
import { answerJoin } from '../../../../../../packages/broker/src/coordinator/group/consumer/join-answer.ts'
import { askJoin, classicBeat, synced } from '../../../../../support/classic-members.ts'
import {
  beat,
  consumerGroupOf,
  consumerShard,
  GROUP,
  joining,
} from '../../../../../support/consumer-shard.ts'
import { imageWith, newTopic } from '../../../../../support/metadata-image.ts'
import { consumerGroupWith, consumerMember } from '../../../../../support/pure-consumer-group.ts'

const image = imageWith(...newTopic('orders', 4))
const orders = { topics: ['orders'] }
const protocols = ['range', 'other'].map(name => ({ name, metadata: new Uint8Array() }))
const member = consumerMember('a', {
  memberEpoch: 6,
  rebalanceTimeoutMs: 20_000,
  classic: { sessionTimeoutMs: 10_000, protocols },
})

function answered(changes: object = {}) {
  const { moment } = consumerShard(image)
  const draft = newDraft()
  const joined = { ...member, ...changes }
  const group = consumerGroupWith(joined)
  answerJoin(draft, group, { ticket: { number: 5 }, member: joined, moment })
  return draft
}

describe('the answer to a JoinGroup in a consumer group', () => {
  it('has a generation, the protocol that the member prefers, and nobody to lead or to assign to', () => {
    expect(answered().answers).toEqual([
      {
        ticket: { number: 5 },
        response: {
          ...{ throttleTimeMs: 0, errorCode: 0, generationId: 6, memberId: 'a' },
          ...{ protocolType: 'consumer', protocolName: 'range', leader: '' },
          ...{ skipAssignment: false, members: [] },
        },
      },
    ])
  })

  it('asks whether the group is a classic one now only after a static member', () => {
    expect(answered().work).toEqual([])
    expect(answered({ instanceId: 'i' }).work.map(({ key }) => key)).toEqual([
      `${GROUP}/consumer-downgrade`,
    ])
  })

  it('gives the member time to fetch its assignment, and no longer to join', () => {
    const shard = consumerShard(image)
    beat(shard, joining('new', ['orders']))
    const timeouts = { sessionTimeoutMs: 600_000, rebalanceTimeoutMs: 10_000 }
    const { generationId } = askJoin(shard, 'old', orders, timeouts).response()
    synced(shard, 'old', generationId)
    beat(shard, joining('third', ['orders']))
    expect(classicBeat(shard, 'old', generationId)).toBe('REBALANCE_IN_PROGRESS')
    expect(consumerGroupOf(shard).soft.awaitedJoins.has('old')).toBe(true)
    shard.advance(9_999)
    const again = askJoin(shard, 'old', orders, timeouts).response().generationId
    expect(consumerGroupOf(shard).soft.awaitedJoins.has('old')).toBe(false)
    shard.advance(9_999)
    expect(synced(shard, 'old', again)).toBeInstanceOf(Array)
    shard.advance(10_000)
    expect(consumerGroupOf(shard).members.has('old')).toBe(true)
    askJoin(shard, 'old', orders, timeouts)
    shard.advance(10_000)
    expect(consumerGroupOf(shard).members.has('old')).toBe(false)
  })
})
