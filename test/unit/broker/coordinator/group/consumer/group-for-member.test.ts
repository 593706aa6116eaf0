import { describe, expect, it } from 'vitest'
import { newDraft } from '../../../../../../packages/broker/src/coordinator/group/consumer/draft.ts'
import { groupForMember } from '../../../../../../packages/broker/src/coordinator/group/consumer/group-for-member.ts'
import { askJoin } from '../../../../../support/classic-members.ts'
import {
  beat,
  type ConsumerShard,
  consumerGroupOf,
  consumerRules,
  consumerShard,
  GROUP,
  joining,
} from '../../../../../support/consumer-shard.ts'
import { imageWith, newTopic } from '../../../../../support/metadata-image.ts'

const image = imageWith(...newTopic('orders'))

function groupFor({ state, moment }: ConsumerShard, joins: 'joins' | 'is there') {
  const draft = newDraft()
  return { draft, found: groupForMember(draft, state, { groupId: GROUP, joins, moment }) }
}

describe('the group of a heartbeat', () => {
  it('is the one that is there, whoever asks', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    for (const joins of ['joins', 'is there'] as const) {
      const { draft, found } = groupFor(shard, joins)
      expect(found).toBe(consumerGroupOf(shard))
      expect(draft.changes).toEqual([])
    }
  })

  it('is a new one for who joins, and the state is as it was until that is applied', () => {
    const shard = consumerShard(image)
    const { draft, found } = groupFor(shard, 'joins')
    expect(found).toMatchObject({ kind: 'consumer', groupId: GROUP, groupEpoch: 0 })
    expect([shard.state.groups.size, draft.changes]).toEqual([0, []])
  })

  it('is none for who does not join, and says whether there is a classic one', () => {
    const shard = consumerShard(image)
    const none = groupFor(shard, 'is there').found
    expect(none).toEqual({ error: 'GROUP_ID_NOT_FOUND', message: 'There is no such group.' })
    askJoin(shard, '', { topics: ['orders'] }, { groupInstanceId: 'i' })
    const classic = groupFor(shard, 'is there').found
    const message = 'The group is not a consumer group.'
    expect(classic).toEqual({ error: 'GROUP_ID_NOT_FOUND', message })
    expect(shard.state.groups.get(GROUP)?.kind).toBe('classic')
  })

  it('is made of a classic one for who joins, if the settings allow it', () => {
    const shard = consumerShard(image)
    askJoin(shard, '', { topics: ['orders'] }, { groupInstanceId: 'i' })
    expect(groupFor(shard, 'joins').found).toMatchObject({ kind: 'consumer', classicMembers: 1 })
    shard.rules = consumerRules({ migrationPolicy: 'disabled' })
    expect(groupFor(shard, 'joins').found).toMatchObject({ error: 'GROUP_ID_NOT_FOUND' })
  })
})
