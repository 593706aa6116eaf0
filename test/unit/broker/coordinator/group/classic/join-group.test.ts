import { type ErrorName, errorName, type JoinGroupRequest } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { askJoin } from '../../../../../support/classic-members.ts'
import { ClassicShard, GROUP } from '../../../../../support/classic-shard.ts'
import {
  beat,
  GROUP as consumerGroup,
  consumerGroupOf,
  consumerShard,
  heartbeat,
  joining,
} from '../../../../../support/consumer-shard.ts'
import { imageWith, newTopic } from '../../../../../support/metadata-image.ts'

describe('JoinGroup of a classic group', () => {
  it.each([
    ['a session below the least', { sessionTimeoutMs: 5_999 }, 'INVALID_SESSION_TIMEOUT'],
    ['a session above the most', { sessionTimeoutMs: 1_800_001 }, 'INVALID_SESSION_TIMEOUT'],
    ['no group id', { groupId: '' }, 'INVALID_GROUP_ID'],
    ['a group id of a million characters', { groupId: 'g'.repeat(1e6) }, 'INVALID_GROUP_ID'],
    ['a member id of a group that is not there', { memberId: 'client-x' }, 'UNKNOWN_MEMBER_ID'],
    ['no protocols', { protocols: [] }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['no protocol type', { protocolType: '' }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['10 MiB of metadata', { metadata: new Uint8Array(10_485_760) }, 'INVALID_REQUEST'],
    [
      '10,000 protocols',
      { protocols: Array.from({ length: 10_000 }, (_, place) => `p${place}`), topics: [] },
      'INVALID_REQUEST',
    ],
  ])('refuses %s', (_, words, error) => {
    const shard = new ClassicShard()
    expect(shard.join(words).error()).toBe(error)
    expect(shard.state.groups.size).toBe(0)
    expect(shard.timers.size).toBe(0)
  })

  it('refuses a member that has no protocol in common with the others', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(1, { protocols: ['range', 'sticky'] })
    expect(shard.join({ protocols: ['roundrobin'] }).error()).toBe('INCONSISTENT_GROUP_PROTOCOL')
    expect(shard.join({ protocolType: 'connect' }).error()).toBe('INCONSISTENT_GROUP_PROTOCOL')
    const sticky = shard.joinTwice({ protocols: ['sticky'] })
    shard.join({ memberId: memberIds[0] ?? '', protocols: ['range', 'sticky'] })
    expect(sticky.response()).toMatchObject({ errorCode: 0, protocolName: 'sticky' })
  })

  it('takes no more members than the group may have', () => {
    const shard = new ClassicShard({ maxSize: 2 })
    const { memberIds } = shard.stable(2)
    expect(shard.join().error()).toBe('GROUP_MAX_SIZE_REACHED')
    expect(shard.group()?.state).toBe('Stable')
    shard.rules = { ...shard.rules, maxSize: 1 }
    shard.restart()
    expect(shard.group()?.state).toBe('PreparingRebalance')
    const [one = '', other = ''] = memberIds
    const joined = shard.join({ memberId: one })
    expect(shard.join({ memberId: other }).error()).toBe('GROUP_MAX_SIZE_REACHED')
    expect(joined.response().members).toHaveLength(1)
  })

  it('takes no members whose subscriptions would not fit into the record of the group', () => {
    const shard = new ClassicShard({ maxRecordBytes: 20_000 })
    const metadata = new Uint8Array(9_000)
    shard.stable(2, { metadata })
    expect(shard.join({ metadata }).error()).toBe('GROUP_MAX_SIZE_REACHED')
    expect(shard.join({ groupId: GROUP }).error()).toBe('MEMBER_ID_REQUIRED')
  })
})

describe('JoinGroup of a consumer group that nobody is in', () => {
  const emptyGroup = () => {
    const shard = consumerShard(imageWith(...newTopic('orders')))
    beat(shard, joining('gone', ['orders']))
    beat(shard, heartbeat({ memberId: 'gone', memberEpoch: -1 }))
    return shard
  }
  const orders = { topics: ['orders'] }

  it.each<[title: string, memberId: string, Partial<JoinGroupRequest>, ErrorName]>([
    ['names a member', 'client-x', {}, 'UNKNOWN_MEMBER_ID'],
    ['has no protocols', '', { protocols: [] }, 'INCONSISTENT_GROUP_PROTOCOL'],
    [
      'is larger than the record of a group',
      '',
      { protocols: [{ name: 'range', metadata: new Uint8Array(1_048_576) }] },
      'GROUP_MAX_SIZE_REACHED',
    ],
  ])('leaves the group as it is when the request %s', (_, memberId, changes, error) => {
    const shard = emptyGroup()
    const { groupEpoch } = consumerGroupOf(shard)
    const { errorCode } = askJoin(shard, memberId, orders, changes).response()
    expect(errorName(errorCode)).toBe(error)
    expect(consumerGroupOf(shard).groupEpoch).toBe(groupEpoch)
  })

  it('makes it a classic group for a member that comes in', () => {
    const shard = emptyGroup()
    const { memberId } = askJoin(shard, '', orders).response()
    expect(askJoin(shard, memberId, orders).response()).toMatchObject({ errorCode: 0 })
    expect(shard.state.groups.get(consumerGroup)).toMatchObject({ kind: 'classic' })
  })
})
