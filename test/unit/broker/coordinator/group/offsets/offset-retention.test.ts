import { describe, expect, it } from 'vitest'
import { emptyClassicGroup } from '../../../../../../packages/broker/src/coordinator/group/classic/classic-group.ts'
import { newConsumerGroup } from '../../../../../../packages/broker/src/coordinator/group/consumer/consumer-group.ts'
import {
  isExpired,
  offsetRetention,
} from '../../../../../../packages/broker/src/coordinator/group/offsets/offset-retention.ts'

const committed = {
  offset: 1,
  leaderEpoch: -1,
  metadata: '',
  commitTimestampMs: 1_000,
  expireTimestampMs: -1,
  topicId: 'AAAAAAAAAAAAAAAAAAAACQ',
}
const isRead = (): boolean => false

describe('isExpired', () => {
  it.each([
    [{ sinceMs: undefined }, 1_099, false],
    [{ sinceMs: undefined }, 1_100, true],
    [{ sinceMs: 5_000 }, 5_099, false],
    [{ sinceMs: 5_000 }, 5_100, true],
  ])(
    'counts from the commit, or from when the group became empty: %o at %i',
    (since, nowMs, expected) => {
      expect(isExpired(committed, { ...since, isRead }, { nowMs, retentionMs: 100 })).toBe(expected)
    },
  )

  it('goes by the time that the client asked for before anything else', () => {
    const asked = { ...committed, expireTimestampMs: 2_000 }
    const at = (nowMs: number) =>
      isExpired(asked, { sinceMs: 0, isRead }, { nowMs, retentionMs: 100 })
    expect([at(1_999), at(2_000)]).toEqual([false, true])
  })

  it('keeps all when the clock was set back', () => {
    const age = { nowMs: -5_000, retentionMs: 100 }
    expect(isExpired(committed, { sinceMs: undefined, isRead }, age)).toBe(false)
  })
})

describe('offsetRetention', () => {
  const settled = {
    protocolType: 'consumer',
    generation: 3,
    protocol: null,
    leader: null,
    currentStateTimestamp: 7_000,
    members: [],
  }

  it('begins when the last member left, where the log says so', () => {
    const group = { ...emptyClassicGroup('g'), settled }
    expect(offsetRetention(group)?.sinceMs).toBe(7_000)
    const old = { ...settled, currentStateTimestamp: -1 }
    expect(offsetRetention({ ...group, settled: old })?.sinceMs).toBeUndefined()
  })

  it.each(['PreparingRebalance', 'CompletingRebalance', 'Stable'] as const)(
    'never begins in a group that is not one of consumers: %s',
    state => {
      const group = { ...emptyClassicGroup('g'), state, protocolType: 'connect' }
      expect(offsetRetention(group)).toBeUndefined()
    },
  )

  it('takes nothing from a group of which it is not known yet what its expressions match (G4)', () => {
    const group = newConsumerGroup('g')
    expect(offsetRetention(group)?.isRead('orders')).toBe(false)
    group.patternSubscribers.set('o.*', 1)
    expect(offsetRetention(group)).toBeUndefined()
    group.patterns.set('o.*', { topics: new Set(['orders']), version: 1, timestampMs: 0 })
    expect(offsetRetention(group)?.isRead('orders')).toBe(true)
  })
})
