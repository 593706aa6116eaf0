import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { askJoin, classicBeat, synced } from '../../../../../../support/classic-members.ts'
import {
  beat,
  consumerGroupOf,
  consumerShard,
  heartbeat,
  joining,
} from '../../../../../../support/consumer-shard.ts'
import { imageWith, newTopic } from '../../../../../../support/metadata-image.ts'

const image = imageWith(...newTopic('orders', 4))
const orders = { topics: ['orders'] }
const groupWithMember = () => {
  const shard = consumerShard(image)
  beat(shard, joining('new', ['orders']))
  return shard
}

describe('a classic member of a consumer group', () => {
  it('is given an id first, and joins without a leader', () => {
    const shard = groupWithMember()
    const first = askJoin(shard, '', orders).response()
    expect([errorName(first.errorCode), first.memberId]).toEqual(['MEMBER_ID_REQUIRED', 'fresh-id'])
    expect(askJoin(shard, 'old', orders).response()).toMatchObject({
      ...{ errorCode: 0, generationId: 2, protocolType: 'consumer', protocolName: 'range' },
      ...{ leader: '', memberId: 'old', members: [] },
    })
  })

  it('has no deadline for joining again once it speaks the consumer protocol', () => {
    const shard = groupWithMember()
    const { generationId: memberEpoch } = askJoin(shard, 'old', orders).response()
    synced(shard, 'old', memberEpoch)
    beat(shard, joining('third', ['orders']))
    expect(classicBeat(shard, 'old', memberEpoch)).toBe('REBALANCE_IN_PROGRESS')
    beat(shard, joining('old', ['orders'], { memberEpoch, topicPartitions: [] }))
    for (let heard = 0; heard < 3; heard++) {
      shard.advance(30_000)
      const member = consumerGroupOf(shard).members.get('old')
      expect(member?.classic).toBeNull()
      beat(shard, heartbeat({ memberId: 'old', memberEpoch: member?.memberEpoch ?? -3 }))
    }
  })

  it.each([
    ['of another type', { protocolType: 'connect' }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['without protocols', { protocols: [] }, 'INCONSISTENT_GROUP_PROTOCOL'],
    [
      'that cannot be read',
      { protocols: [{ name: 'range', metadata: new Uint8Array(1) }] },
      'INCONSISTENT_GROUP_PROTOCOL',
    ],
    ['with an instance id that nobody has', { groupInstanceId: 'i' }, 'UNKNOWN_MEMBER_ID'],
  ])('%s is refused', (_title, changes, error) => {
    const shard = groupWithMember()
    const { errorCode } = askJoin(shard, 'old', orders, changes).response()
    expect(errorName(errorCode)).toBe(error)
    expect(consumerGroupOf(shard).members.size).toBe(1)
  })

  it('that has no protocol in common with the other classic ones is refused', () => {
    const shard = groupWithMember()
    askJoin(shard, 'old', orders)
    const protocols = [{ name: 'other', metadata: new Uint8Array(8) }]
    const { errorCode } = askJoin(shard, 'older', orders, { protocols }).response()
    expect(errorName(errorCode)).toBe('INCONSISTENT_GROUP_PROTOCOL')
  })

  it('is fenced when it does not fetch its assignment, and when it does not join again, in time', () => {
    const shard = groupWithMember()
    askJoin(shard, 'old', orders, { sessionTimeoutMs: 600_000, rebalanceTimeoutMs: 20_000 })
    shard.advance(20_000)
    expect(consumerGroupOf(shard).members.has('old')).toBe(false)

    askJoin(shard, 'old', orders, { sessionTimeoutMs: 600_000, rebalanceTimeoutMs: 20_000 })
    const epoch = consumerGroupOf(shard).members.get('old')?.memberEpoch ?? 0
    synced(shard, 'old', epoch)
    shard.advance(20_000)
    beat(shard, joining('another', ['orders']))
    expect(classicBeat(shard, 'old', epoch)).toBe('REBALANCE_IN_PROGRESS')
    shard.advance(10_000)
    expect(classicBeat(shard, 'old', epoch)).toBe('REBALANCE_IN_PROGRESS')
    shard.advance(10_000)
    expect(classicBeat(shard, 'old', epoch)).toBe('UNKNOWN_MEMBER_ID')
  })
})
