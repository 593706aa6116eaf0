import { describe, expect, it } from 'vitest'
import { ClassicShard, type JoinWords } from '../../../../../support/classic-shard.ts'

const ONE = { instanceId: 'one' }
const TWO = { instanceId: 'two' }

/** Two static members in a stable group; `one` leads. */
function staticPair(words: JoinWords = {}) {
  const shard = new ClassicShard()
  const one = shard.join({ ...words, ...ONE }).response().memberId
  const joining = shard.join({ ...words, ...TWO })
  shard.join({ ...words, ...ONE, memberId: one })
  const two = joining.response().memberId
  const { generationId } = shard.settle([one, two])
  return { shard, one, two, generationId }
}

describe('a static member that comes back (KIP-345)', () => {
  it('takes its old place in a stable group, and nobody else notices', () => {
    const { shard, one, two, generationId } = staticPair()
    const back = shard.join(TWO).response()
    expect(back).toMatchObject({ errorCode: 0, generationId, leader: one, members: [] })
    expect(back.memberId).not.toBe(two)
    const named = { ...TWO, generationId }
    const synced = shard.sync({ ...named, memberId: back.memberId }).response()
    expect(Buffer.from(synced.assignment).toString()).toBe('of 1')
    expect(shard.heartbeat({ ...ONE, memberId: one, generationId })).toBe('NONE')
    expect(shard.heartbeat({ ...named, memberId: two })).toBe('FENCED_INSTANCE_ID')
    expect(shard.sync({ ...named, memberId: two }).error()).toBe('FENCED_INSTANCE_ID')
    expect(shard.join({ ...TWO, memberId: two }).error()).toBe('FENCED_INSTANCE_ID')
  })

  it('has its new member id in the log before it hears of it', () => {
    const { shard, generationId } = staticPair()
    const written = shard.records.length
    const { memberId } = shard.join(TWO).response()
    expect(shard.records).toHaveLength(written + 1)
    shard.restart()
    expect(shard.heartbeat({ ...TWO, memberId, generationId })).toBe('NONE')
  })

  it('may look at the group as its leader, but does not assign again (KIP-814)', () => {
    const { shard, two } = staticPair()
    const back = shard.join(ONE).response()
    expect(back).toMatchObject({ leader: back.memberId, skipAssignment: true })
    expect(back.members.map(({ memberId }) => memberId).sort()).toEqual([back.memberId, two].sort())
  })

  it('does not hear that it leads, before version 9', () => {
    const { shard, one } = staticPair()
    expect(shard.join({ ...ONE, apiVersion: 8 }).response()).toMatchObject({
      leader: one,
      skipAssignment: false,
      members: [],
    })
    expect(shard.group()?.state).toBe('Stable')
  })

  it('calls the members together when it reads other topics, or another protocol would win', () => {
    const topics = staticPair()
    expect(topics.shard.join({ ...TWO, topics: ['other'] }).isAnswered()).toBe(false)
    expect(topics.shard.group()?.state).toBe('PreparingRebalance')
    const protocols = staticPair({ protocols: ['range', 'sticky'] })
    protocols.shard.join({ ...TWO, protocols: ['sticky'] })
    expect(protocols.shard.group()?.state).toBe('PreparingRebalance')
  })

  it('fences what its former self waits for', () => {
    const { shard, one } = staticPair()
    const waiting = shard.join({ ...ONE, memberId: one })
    const back = shard.join(ONE)
    expect(waiting.error()).toBe('FENCED_INSTANCE_ID')
    expect(waiting.response().memberId).toBe(one)
    expect(back.isAnswered()).toBe(false)
  })

  it('begins a new round when the leader may be assigning to its former self', () => {
    const { shard, one, two } = staticPair()
    shard.join({ ...ONE, memberId: one })
    const old = shard.join({ ...TWO, memberId: two }).response()
    const waiting = shard.sync({ ...TWO, memberId: two, generationId: old.generationId })
    shard.join(TWO)
    expect(waiting.error()).toBe('FENCED_INSTANCE_ID')
    expect(shard.group()?.state).toBe('PreparingRebalance')
  })

  it('finds its place in a full group', () => {
    const { shard } = staticPair()
    shard.rules = { ...shard.rules, maxSize: 2 }
    expect(shard.join(TWO).error()).toBe('NONE')
    expect(shard.join({ instanceId: 'three' }).error()).toBe('GROUP_MAX_SIZE_REACHED')
  })
})
