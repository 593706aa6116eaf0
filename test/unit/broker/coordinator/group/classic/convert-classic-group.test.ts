import { describe, expect, it } from 'vitest'
import {
  beginClassicGroup,
  endClassicGroup,
} from '../../../../../../packages/broker/src/coordinator/group/classic/convert-classic-group.ts'
import { ClassicShard, GROUP } from '../../../../../support/classic-shard.ts'

const member = (memberId: string) => ({
  memberId,
  instanceId: null,
  clientId: 'client',
  clientHost: '/127.0.0.1',
  rebalanceTimeoutMs: 60_000,
  sessionTimeoutMs: 10_000,
  protocols: [{ name: 'range', metadata: Buffer.from('reads') }],
  assignment: Buffer.from('all'),
})

const settled = (sinceMs: number) => ({
  groupId: GROUP,
  generationId: 7,
  protocolType: 'consumer',
  protocolName: 'range',
  leaderId: 'a',
  sinceMs,
  members: [member('a'), member('b')],
})

describe('a classic group that gives way to another kind', () => {
  it('leaves the log, and nobody waiting', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(2)
    shard.join()
    const waiting = shard.join({ memberId: memberIds[1] ?? '', topics: ['other'] })
    const group = shard.group()
    if (group === undefined) throw new Error('there is no group')
    shard.take(endClassicGroup(group))
    expect(shard.group()).toBeUndefined()
    expect(waiting.error()).toBe('REBALANCE_IN_PROGRESS')
    expect(shard.timers.size).toBe(0)
    shard.restart()
    expect(shard.group()).toBeUndefined()
  })

  it('leaves no record when it never had one', () => {
    const shard = new ClassicShard()
    shard.joinTwice()
    const group = shard.group()
    if (group === undefined) throw new Error('there is no group')
    shard.take(endClassicGroup(group))
    expect(shard.group()).toBeUndefined()
    expect(shard.records).toEqual([])
  })
})

describe('a classic group made of given members', () => {
  it('goes on with their assignments', () => {
    const shard = new ClassicShard()
    shard.take(beginClassicGroup(settled(shard.nowMs), 'continue', shard.moment))
    expect(shard.group()).toMatchObject({ state: 'Stable', generationId: 7, leaderId: 'a' })
    const told = shard.sync({ memberId: 'b', generationId: 7 })
    expect(Buffer.from(told.response().assignment).toString()).toBe('all')
    shard.advance(10_000)
    expect(shard.group()?.members.size).toBe(0)
  })

  it('calls them together', () => {
    const shard = new ClassicShard()
    shard.take(beginClassicGroup(settled(shard.nowMs), 'rebalance', shard.moment))
    expect(shard.heartbeat({ memberId: 'a', generationId: 7 })).toBe('REBALANCE_IN_PROGRESS')
    const first = shard.join({ memberId: 'a' })
    shard.join({ memberId: 'b' })
    expect(first.response()).toMatchObject({ generationId: 8, leader: 'a' })
  })
})
