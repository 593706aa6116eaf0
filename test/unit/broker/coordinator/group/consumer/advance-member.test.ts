import { describe, expect, it } from 'vitest'
import { advanceMember } from '../../../../../../packages/broker/src/coordinator/group/consumer/advance-member.ts'
import type { ConsumerMember } from '../../../../../../packages/broker/src/coordinator/group/consumer/consumer-member.ts'
import { newDraft } from '../../../../../../packages/broker/src/coordinator/group/consumer/draft.ts'
import { consumerShard, GROUP } from '../../../../../support/consumer-shard.ts'
import { imageWith } from '../../../../../support/metadata-image.ts'
import {
  consumerGroupWith,
  consumerMember,
  partitions,
} from '../../../../../support/pure-consumer-group.ts'

const { moment } = consumerShard(imageWith())
const has = consumerMember('a', {
  rebalanceTimeoutMs: 30_000,
  assigned: partitions({ t: [0, 1] }),
})

/** What is decided of a member of a group at epoch 2 that shall have these partitions. */
function advance(
  member: ConsumerMember,
  target: Readonly<Record<string, readonly number[]>>,
  more: Partial<Parameters<typeof advanceMember>[2]> = {},
) {
  const group = consumerGroupWith(has)
  Object.assign(group, { groupEpoch: 2, assignmentEpoch: 2 })
  group.targets.set('a', partitions(target))
  const draft = newDraft()
  const given = { member, targetOf: 'a', owned: null, moment, ...more }
  return { draft, advanced: advanceMember(draft, group, given) }
}

describe('advancing a member', () => {
  it('writes where it is, and says that it has no deadline any more', () => {
    const { draft, advanced } = advance(has, { t: [0, 1, 2] })
    expect(advanced).toMatchObject({ memberEpoch: 2, assigned: partitions({ t: [0, 1, 2] }) })
    expect(draft.changes).toMatchObject([
      { record: { type: 'ConsumerGroupCurrentMemberAssignment', value: { memberEpoch: 2 } } },
    ])
    expect(draft.timers).toEqual([{ cancel: expect.stringContaining('rebalance') }])
  })

  it('gives it its rebalance timeout when it has to give up something', () => {
    const { draft } = advance(has, { t: [0] })
    expect(draft.timers).toMatchObject([
      {
        atMs: moment.patientMs + 30_000,
        event: {
          type: 'consumer-rebalance-expired',
          groupId: GROUP,
          memberId: 'a',
          memberEpoch: 1,
        },
      },
    ])
  })

  it('leaves the deadlines of a classic member, which has others, alone', () => {
    const classic = { sessionTimeoutMs: 10_000, protocols: [] }
    const { draft } = advance({ ...has, classic }, { t: [0] })
    expect([draft.changes.length, draft.timers]).toEqual([1, []])
  })

  it('writes nothing and moves no deadline while it waits for the same', () => {
    const revoking = {
      ...has,
      state: 'UNREVOKED_PARTITIONS' as const,
      assigned: partitions({ t: [0] }),
      pendingRevocation: partitions({ t: [1] }),
    }
    const waiting = {
      ...consumerMember('b', { memberEpoch: 2, previousMemberEpoch: 2 }),
      state: 'UNRELEASED_PARTITIONS' as const,
    }
    for (const member of [revoking, waiting]) {
      const { draft, advanced } = advance(member, { t: [0] })
      expect(advanced).toBe(member)
      expect([...draft.changes, ...draft.timers]).toEqual([])
    }
  })

  it('does not give one partition to two in the same decision (G1)', () => {
    const taken = new Set<string>()
    const free = { t: [5, 6] }
    const first = consumerMember('b', { assigned: new Map() })
    expect(advance(first, free, { taken }).advanced).toMatchObject({ state: 'STABLE' })
    expect([...taken]).toEqual(['t:5', 't:6'])
    const second = consumerMember('c', { assigned: new Map() })
    expect(advance(second, free, { taken }).advanced).toMatchObject({
      state: 'UNRELEASED_PARTITIONS',
      assigned: new Map(),
    })
  })

  it('goes by the target of the member whose place it takes', () => {
    const member = { ...has, memberId: 'new life' }
    expect(advance(member, { t: [0] }, { targetOf: 'a' }).advanced).toMatchObject({
      memberId: 'new life',
      assigned: partitions({ t: [0] }),
    })
    expect(advance(member, { t: [0] }, { targetOf: 'nobody' }).advanced).toMatchObject({
      assigned: new Map(),
    })
  })

  it('refuses one whose state is not known', () => {
    const { draft, advanced } = advance({ ...has, state: 'UNKNOWN' }, { t: [0] })
    expect(advanced).toMatchObject({ error: 'FENCED_MEMBER_EPOCH' })
    expect(draft.changes).toEqual([])
  })
})
