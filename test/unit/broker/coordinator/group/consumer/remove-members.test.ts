import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { newDraft } from '../../../../../../packages/broker/src/coordinator/group/consumer/draft.ts'
import {
  dropWaiting,
  refuseWaiting,
  removeMembers,
} from '../../../../../../packages/broker/src/coordinator/group/consumer/remove-members.ts'
import type { WaitingMember } from '../../../../../../packages/broker/src/coordinator/group/consumer/waiting-member.ts'
import { askJoin, synced } from '../../../../../support/classic-members.ts'
import {
  askHeartbeat,
  beat,
  type ConsumerShard,
  consumerGroupOf,
  consumerShard,
  GROUP,
  hardState,
  heartbeat,
  joining,
  named,
} from '../../../../../support/consumer-shard.ts'
import { imageWith, newTopic } from '../../../../../support/metadata-image.ts'
import { consumerGroupWith } from '../../../../../support/pure-consumer-group.ts'

const image = imageWith(...newTopic('orders', 4))

function remove(shard: ConsumerShard, ...memberIds: readonly string[]): void {
  const { state, moment } = shard
  const group = consumerGroupOf(shard)
  const members = memberIds.flatMap(id => group.members.get(id) ?? [])
  const draft = newDraft()
  removeMembers(draft, { state, group }, { members, moment })
  shard.take(draft)
}

describe('members that are taken out', () => {
  it('leave what they had to the others, all in one epoch', () => {
    const shard = consumerShard(image)
    for (const id of ['a', 'b', 'c']) beat(shard, joining(id, ['orders']))
    remove(shard, 'a', 'b')
    expect(consumerGroupOf(shard)).toMatchObject({ groupEpoch: 4, assignmentEpoch: 4 })
    const got = beat(shard, heartbeat({ memberId: 'c', memberEpoch: 3 }))
    expect(named(got.assignment?.topicPartitions)).toHaveLength(4)
    expect(hardState(shard.reloaded(shard.records))).toEqual(hardState(shard.state))
  })

  it('have no deadlines any more', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    beat(shard, joining('b', ['orders']))
    beat(shard, heartbeat({ memberId: 'a', memberEpoch: 1 }))
    expect(shard.timers.size).toBe(3)
    remove(shard, 'a')
    expect(shard.timers.size).toBe(1)
  })

  it('who were the last leave an empty group at a new epoch, for which nothing is computed', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    shard.holdsResultOf = () => true
    remove(shard, 'a')
    expect(consumerGroupOf(shard)).toMatchObject({ groupEpoch: 2, assignmentEpoch: 1 })
    expect(consumerGroupOf(shard).soft.assigning).toBeUndefined()
  })

  it('take expressions with them that nobody else has', () => {
    const shard = consumerShard(image)
    const with_ = (subscribedTopicRegex: string) => ({
      subscribedTopicNames: null,
      subscribedTopicRegex,
    })
    beat(shard, joining('a', [], with_('o.*')))
    beat(shard, joining('b', [], with_('o.*')))
    shard.advance(1000)
    beat(shard, joining('c', [], with_('or.*')))
    remove(shard, 'a', 'c')
    expect([...consumerGroupOf(shard).patterns.keys()]).toEqual(['o.*'])
  })

  it('leave a classic group when only classic members remain', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    const { generationId } = askJoin(shard, 'old', { topics: ['orders'] }).response()
    synced(shard, 'old', generationId)
    remove(shard, 'a')
    const group = shard.state.groups.get(GROUP)
    expect(group?.kind === 'classic' && [...group.members.keys()]).toEqual(['old'])
  })

  it('learn so where they wait, and only they', () => {
    const shard = consumerShard(image)
    beat(shard, joining('first', ['orders']))
    shard.holdsResultOf = key => key.endsWith('consumer-assignment')
    const [a, b] = ['a', 'b'].map(id => askHeartbeat(shard, joining(id, ['orders'])))
    remove(shard, 'a')
    expect(errorName(a?.response().errorCode ?? 0)).toBe('UNKNOWN_MEMBER_ID')
    expect(b?.isAnswered()).toBe(false)
    shard.holdsResultOf = () => false
    shard.releaseResults()
    expect(b?.response().errorCode).toBe(0)
  })
})

describe('those who wait', () => {
  const base = { groupEpoch: 1, awaitsPatterns: false, owned: [] }
  const beating: WaitingMember = {
    ...{ ...base, kind: 'heartbeat', ticket: { number: 1 }, memberId: 'a' },
    ...{ wantsAssignment: true, assigned: new Map() },
  }
  const joins: WaitingMember = { ...base, kind: 'join', ticket: { number: 2 }, memberId: 'b' }
  const group = consumerGroupWith()
  for (const waiting of [beating, joins]) group.soft.waiting.set(waiting.ticket.number, waiting)

  it('are answered in the form of their request, and wait no more', () => {
    const draft = newDraft()
    for (const waiting of [beating, joins])
      refuseWaiting(draft, group, { waiting, error: 'INVALID_REQUEST', message: 'No.' })
    expect(draft.answers).toMatchObject([
      { ticket: { number: 1 }, response: { errorCode: 42, errorMessage: 'No.' } },
      { ticket: { number: 2 }, response: { errorCode: 42, memberId: 'b', members: [] } },
    ])
    expect(draft.changes).toEqual(
      [1, 2].map(ticketNumber => ({
        type: 'consumer-waits-no-more',
        groupId: GROUP,
        ticketNumber,
      })),
    )
  })

  it('as somebody who is there are left alone', () => {
    const draft = newDraft()
    dropWaiting(draft, group, memberId => memberId === 'b')
    expect(draft.answers).toMatchObject([{ ticket: { number: 2 }, response: { errorCode: 25 } }])
  })
})
