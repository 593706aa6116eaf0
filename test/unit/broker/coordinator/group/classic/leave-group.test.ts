import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { ClassicShard } from '../../../../../support/classic-shard.ts'

const errorsOf = (told: ReturnType<ClassicShard['leave']>) =>
  told.response().members.map(({ errorCode }) => errorName(errorCode))

describe('LeaveGroup of a classic group', () => {
  it('gives each member a result of its own, and calls the others together once', () => {
    const shard = new ClassicShard()
    const { memberIds, generationId } = shard.stable(3)
    const [one = '', two = '', three = ''] = memberIds
    const left = shard.leave([
      { memberId: one },
      { memberId: 'nobody' },
      { memberId: two },
      { memberId: one },
    ])
    expect(errorsOf(left)).toEqual(['NONE', 'UNKNOWN_MEMBER_ID', 'NONE', 'UNKNOWN_MEMBER_ID'])
    expect(shard.heartbeat({ memberId: three, generationId })).toBe('REBALANCE_IN_PROGRESS')
    expect(shard.join({ memberId: three }).response()).toMatchObject({
      generationId: generationId + 1,
      leader: three,
    })
  })

  it('takes an instance out for an administrator who does not know its member id', () => {
    const shard = new ClassicShard()
    const { memberId } = shard.join({ instanceId: 'one' }).response()
    expect(errorsOf(shard.leave([{ memberId: 'older', instanceId: 'one' }]))).toEqual([
      'FENCED_INSTANCE_ID',
    ])
    expect(errorsOf(shard.leave([{ memberId: '', instanceId: 'two' }]))).toEqual([
      'UNKNOWN_MEMBER_ID',
    ])
    expect(errorsOf(shard.leave([{ memberId: '', instanceId: 'one' }]))).toEqual(['NONE'])
    expect(shard.heartbeat({ memberId, generationId: 1 })).toBe('UNKNOWN_MEMBER_ID')
  })

  it('gives up a member id that was not used yet', () => {
    const shard = new ClassicShard()
    const { memberId } = shard.join().response()
    expect(errorsOf(shard.leave([{ memberId }]))).toEqual(['NONE'])
    expect(shard.group()).toBeUndefined()
    expect(shard.timers.size).toBe(0)
  })

  it('ends the round that waited for the member only', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(2)
    const [leader = '', follower = ''] = memberIds
    const waiting = shard.join({ memberId: leader })
    shard.leave([{ memberId: follower }])
    expect(waiting.response().members).toHaveLength(1)
  })

  it('answers what the member waits for', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(2)
    const waiting = shard.join({ memberId: memberIds[1] ?? '', topics: ['other'] })
    shard.leave([{ memberId: memberIds[1] ?? '' }])
    expect(waiting.error()).toBe('UNKNOWN_MEMBER_ID')
  })

  it('has one error for one member before version 3', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(1)
    const leave = () => shard.leave([{ memberId: memberIds[0] ?? '' }], { apiVersion: 2 })
    expect(leave().response()).toEqual({ throttleTimeMs: 0, errorCode: 0, members: [] })
    expect(leave().error()).toBe('UNKNOWN_MEMBER_ID')
  })

  it('knows nobody in a group that is not there, and refuses an empty group id', () => {
    const shard = new ClassicShard()
    expect(errorsOf(shard.leave([{ memberId: 'm' }], { groupId: 'other' }))).toEqual([
      'UNKNOWN_MEMBER_ID',
    ])
    expect(shard.leave([{ memberId: 'm' }], { groupId: '' }).error()).toBe('INVALID_GROUP_ID')
  })
})
