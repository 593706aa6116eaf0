import { describe, expect, it } from 'vitest'
import { GENERATIONS_AHEAD } from '../../../../../../packages/broker/src/coordinator/group/classic/generation-ids.ts'
import { ClassicShard, REBALANCE_MS, SESSION_MS } from '../../../../../support/classic-shard.ts'

describe('a round of a classic group', () => {
  it('answers when all members have joined, and tells the members to the leader alone', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(1)
    const leader = memberIds[0] ?? ''
    const follower = shard.joinTwice()
    expect(follower.isAnswered()).toBe(false)
    expect(shard.heartbeat({ memberId: leader, generationId: 1 })).toBe('REBALANCE_IN_PROGRESS')
    const again = shard.join({ memberId: leader })
    expect(again.response().members.map(({ memberId }) => memberId)).toEqual([
      leader,
      follower.memberId,
    ])
    expect(follower.response()).toMatchObject({ generationId: 2, leader, members: [] })
  })

  it('goes on without the members that did not join in time', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(2)
    const [leader = '', follower = ''] = memberIds
    const third = shard.joinTwice()
    for (let waited = 0; waited < REBALANCE_MS; waited += 5_000) {
      shard.heartbeat({ memberId: leader, generationId: 2 })
      shard.heartbeat({ memberId: follower, generationId: 2 })
      shard.advance(5_000)
    }
    expect(third.response()).toMatchObject({ generationId: 3, leader: third.memberId })
    expect(shard.heartbeat({ memberId: leader, generationId: 2 })).toBe('UNKNOWN_MEMBER_ID')
  })

  it('waits in a round for those who were given a member id', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(1)
    const { memberId } = shard.join().response()
    const again = shard.join({ memberId: memberIds[0] ?? '' })
    expect(again.isAnswered()).toBe(false)
    shard.join({ memberId })
    expect(again.response().members).toHaveLength(2)
  })

  it('gives the first members of a group time to arrive together', () => {
    const shard = new ClassicShard({ initialRebalanceDelayMs: 3_000 })
    const first = shard.joinTwice()
    shard.advance(2_000)
    const second = shard.joinTwice()
    shard.advance(1_000)
    expect(first.isAnswered()).toBe(false)
    shard.advance(2_999)
    expect(first.isAnswered()).toBe(false)
    shard.advance(1)
    expect(first.response()).toMatchObject({ generationId: 1 })
    expect(first.response().members).toHaveLength(2)
    expect(second.response()).toMatchObject({ generationId: 1, leader: first.memberId })
  })

  it('ends the initial delay with the rebalance timeout, however many arrive', () => {
    const shard = new ClassicShard({ initialRebalanceDelayMs: 3_000 })
    const first = shard.joinTwice({ rebalanceTimeoutMs: 7_000 })
    for (let waited = 0; waited < 7_000; waited += 1_000) {
      expect(first.isAnswered()).toBe(false)
      shard.joinTwice({ rebalanceTimeoutMs: 7_000 })
      shard.advance(1_000)
    }
    expect(first.isAnswered()).toBe(true)
  })

  it('keeps a static member that did not join in time, until its session ends', () => {
    const shard = new ClassicShard()
    const first = shard.join({ instanceId: 'one' }).response().memberId
    shard.settle([first])
    const second = shard.joinTwice({ rebalanceTimeoutMs: 6_000, sessionTimeoutMs: 30_000 })
    shard.join({
      memberId: first,
      instanceId: 'one',
      rebalanceTimeoutMs: 6_000,
      sessionTimeoutMs: 30_000,
    })
    shard.settle([first, second.memberId])
    const again = shard.join({
      memberId: second.memberId,
      topics: ['other'],
      rebalanceTimeoutMs: 6_000,
    })
    shard.advance(6_000)
    expect(again.response()).toMatchObject({ generationId: 3, leader: second.memberId })
    expect(again.response().members.map(({ groupInstanceId }) => groupInstanceId)).toContain('one')
    shard.sync({ memberId: second.memberId, generationId: 3 })
    for (let waited = 0; waited < 24_000; waited += 3_000) {
      shard.heartbeat({ memberId: second.memberId, generationId: 3 })
      shard.advance(3_000)
    }
    expect(shard.group()?.staticMembers.has('one')).toBe(false)
  })

  it('does not look for static members all the time when they gave themselves no time to join', () => {
    const shard = new ClassicShard()
    const { memberId, generationId } = shard
      .join({ instanceId: 'one', rebalanceTimeoutMs: 0 })
      .response()
    const assignments = { [memberId]: 'all' }
    shard.sync({ memberId, generationId, instanceId: 'one', assignments })
    const { memberId: guest } = shard.joinTwice({ rebalanceTimeoutMs: 0 })
    shard.leave([{ memberId: guest }])
    let decisions = 0
    const take = shard.take.bind(shard)
    shard.take = decision => {
      decisions++
      if (decisions < 100) take(decision)
    }
    shard.advance(SESSION_MS)
    expect(decisions).toBeLessThanOrEqual(SESSION_MS / 1_000 + 2)
    expect(shard.group()?.members.size).toBe(0)
  })

  it('goes on waiting when only static members are left and none has joined', () => {
    const shard = new ClassicShard()
    const words = { rebalanceTimeoutMs: 6_000, sessionTimeoutMs: 60_000 }
    const one = shard.join({ ...words, instanceId: 'one' }).response().memberId
    shard.settle([one])
    shard.join({ ...words, instanceId: 'two' })
    shard.leave([{ memberId: '', instanceId: 'two' }])
    shard.advance(20_000)
    expect(shard.group()?.state).toBe('PreparingRebalance')
    const back = shard.join({ ...words, memberId: one, instanceId: 'one' })
    expect(back.response()).toMatchObject({ generationId: 2, leader: one })
  })

  it('becomes Empty when the last member is gone, and says so in the log', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(1)
    shard.leave([{ memberId: memberIds[0] ?? '' }])
    expect(shard.group()).toMatchObject({ state: 'Empty', generationId: 2, protocolName: null })
    expect(shard.group()?.settled).toMatchObject({
      generation: 2,
      protocolType: 'consumer',
      protocol: null,
      leader: null,
      currentStateTimestamp: shard.nowMs,
      members: [],
    })
    expect(shard.timers.size).toBe(0)
  })

  it('tells members that wait for their assignment to join again when somebody comes', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(2)
    const [leader = '', follower = ''] = memberIds
    shard.join({ memberId: follower, topics: ['other'] })
    shard.join({ memberId: leader })
    const waiting = shard.sync({ memberId: follower, generationId: 3 })
    expect(waiting.isAnswered()).toBe(false)
    shard.joinTwice()
    expect(waiting.error()).toBe('REBALANCE_IN_PROGRESS')
    expect(shard.sync({ memberId: leader, generationId: 3 }).error()).toBe('REBALANCE_IN_PROGRESS')
  })

  it('elects the first that joined when the leader did not', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(3)
    const [leader = '', second = '', third = ''] = memberIds
    shard.leave([{ memberId: leader }])
    shard.join({ memberId: third })
    expect(shard.join({ memberId: second }).response().leader).toBe(second)
  })

  it('writes a generation that has no assignment before more of them are ahead of the log than allowed', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(1)
    const memberId = memberIds[0] ?? ''
    const written = shard.records.length
    const failRound = (round: number) =>
      shard.join({ memberId, topics: [`topic ${round}`] }).response().generationId
    for (let round = 0; round < GENERATIONS_AHEAD; round++) failRound(round)
    expect(shard.records).toHaveLength(written)
    const unwritten = failRound(GENERATIONS_AHEAD)
    expect(unwritten).toBe(2 + GENERATIONS_AHEAD)
    expect(shard.records).toHaveLength(written + 1)
    expect(shard.group()).toMatchObject({ state: 'CompletingRebalance', generationId: unwritten })
    expect(shard.group()?.settled?.generation).toBe(unwritten)
    // Nobody has an assignment of it, so after a restart the members have to meet again.
    shard.restart()
    expect(shard.group()?.state).toBe('PreparingRebalance')
    expect(shard.heartbeat({ memberId, generationId: unwritten })).toBe('REBALANCE_IN_PROGRESS')
    expect(failRound(0)).toBe(unwritten + GENERATIONS_AHEAD + 1)
  })
})
