import { describe, expect, it } from 'vitest'
import { applyConsumerChange } from '../../../../../../packages/broker/src/coordinator/group/consumer/apply-consumer-change.ts'
import type { ConsumerChange } from '../../../../../../packages/broker/src/coordinator/group/consumer/consumer-change.ts'
import { emptyGroupState } from '../../../../../../packages/broker/src/coordinator/group/state.ts'
import { GROUP } from '../../../../../support/consumer-shard.ts'
import { consumerGroupWith } from '../../../../../support/pure-consumer-group.ts'

const groupId = GROUP
const waiting = {
  kind: 'join',
  ticket: { number: 7 },
  memberId: 'a',
  groupEpoch: 1,
  awaitsPatterns: false,
  owned: [],
} as const

function softAfter(...changes: readonly ConsumerChange[]) {
  const group = consumerGroupWith()
  const state = emptyGroupState()
  state.groups.set(groupId, group)
  for (const change of changes) applyConsumerChange(state, change)
  return group.soft
}

describe('soft changes of consumer groups', () => {
  it('keep requests by their ticket: one that waits again waits once', () => {
    const again = { ...waiting, groupEpoch: 2 }
    const waits = (one: typeof waiting | typeof again) =>
      ({ type: 'consumer-waits', groupId, waiting: one }) as const
    expect([...softAfter(waits(waiting), waits(again)).waiting.values()]).toEqual([again])
    const over = { type: 'consumer-waits-no-more', groupId, ticketNumber: 7 } as const
    expect(softAfter(waits(waiting), over).waiting.size).toBe(0)
    const other = { ...over, ticketNumber: 8 }
    expect(softAfter(waits(waiting), other).waiting.size).toBe(1)
  })

  it('say for which epoch targets are being computed, and that none are', () => {
    const assigning = (epoch: number | undefined) =>
      ({ type: 'consumer-assigning', groupId, epoch }) as const
    expect(softAfter(assigning(3)).assigning).toBe(3)
    expect(softAfter(assigning(3), assigning(undefined)).assigning).toBeUndefined()
  })

  it('count topics that come while expressions are resolved as news', () => {
    const resolving = { type: 'consumer-resolving', groupId, what: 'all' } as const
    const changed = { type: 'consumer-topics-changed', groupId } as const
    const resolved = { type: 'consumer-resolved', groupId, what: 'all', atMs: 42 } as const
    expect(softAfter(changed, resolving)).toMatchObject({ isResolving: true, hasNewTopics: false })
    expect(softAfter(changed, resolving, changed, resolved)).toMatchObject({
      isResolving: false,
      resolvedAtMs: 42,
      allResolvedAtMs: 42,
      hasNewTopics: true,
    })
  })

  it('do not take all expressions for resolved when new ones were', () => {
    const changed = { type: 'consumer-topics-changed', groupId } as const
    const resolving = { type: 'consumer-resolving', groupId, what: 'new' } as const
    const resolved = { type: 'consumer-resolved', groupId, what: 'new', atMs: 42 } as const
    expect(softAfter(changed, resolving, resolved)).toMatchObject({
      resolvedAtMs: 42,
      allResolvedAtMs: undefined,
      hasNewTopics: true,
    })
  })

  it('remember who was told to join again, until it has', () => {
    const awaited = (is: 'yes' | 'no') =>
      ({ type: 'consumer-join-awaited', groupId, memberId: 'a', awaited: is }) as const
    expect([...softAfter(awaited('yes')).awaitedJoins]).toEqual(['a'])
    expect(softAfter(awaited('yes'), awaited('no')).awaitedJoins.size).toBe(0)
  })

  it('of a group that is gone, or a classic one by now, mean nothing', () => {
    const state = emptyGroupState()
    const classic = { kind: 'classic', groupId } as never
    state.groups.set(groupId, classic)
    for (const id of [groupId, 'gone'])
      applyConsumerChange(state, { type: 'consumer-waits', groupId: id, waiting })
    expect([...state.groups]).toEqual([[groupId, { kind: 'classic', groupId }]])
  })
})
