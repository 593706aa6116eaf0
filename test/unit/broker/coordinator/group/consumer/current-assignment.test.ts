import { describe, expect, it } from 'vitest'
import {
  isFreeIn,
  reconcile,
  type WayToTarget,
} from '../../../../../../packages/broker/src/coordinator/group/consumer/current-assignment.ts'
import {
  consumerGroupWith,
  consumerMember,
  partitions,
} from '../../../../../support/pure-consumer-group.ts'

const way = (changes: Partial<WayToTarget>): WayToTarget => ({
  target: new Map(),
  assignmentEpoch: 5,
  owned: null,
  isFree: () => true,
  ...changes,
})
const stable = consumerMember('a', { memberEpoch: 4, assigned: partitions({ t: [0, 1] }) })
const revoking = consumerMember('a', {
  memberEpoch: 4,
  state: 'UNREVOKED_PARTITIONS',
  assigned: partitions({ t: [0] }),
  pendingRevocation: partitions({ t: [1] }),
})

describe('a member on its way to its target', () => {
  it('that is there already is the very same value, whatever it says to hold', () => {
    const member = { ...stable, memberEpoch: 5 }
    expect(reconcile(member, way({ target: partitions({ t: [7] }) }))).toBe(member)
  })

  it('gives up before it takes: it stays at its epoch, without what is new to it', () => {
    expect(reconcile(stable, way({ target: partitions({ t: [1, 2], u: [0] }) }))).toMatchObject({
      state: 'UNREVOKED_PARTITIONS',
      memberEpoch: 4,
      previousMemberEpoch: 4,
      assigned: partitions({ t: [1] }),
      pendingRevocation: partitions({ t: [0] }),
    })
  })

  it('gives up a whole topic that it shall not read any more', () => {
    expect(reconcile(stable, way({ target: partitions({ u: [0] }) }))).toMatchObject({
      state: 'UNREVOKED_PARTITIONS',
      assigned: new Map(),
      pendingRevocation: partitions({ t: [0, 1] }),
    })
  })

  it('moves on at once when it says not to hold what it shall give up', () => {
    const owned = [{ topicId: 't', partitions: [1] }]
    expect(reconcile(stable, way({ target: partitions({ t: [1, 2] }), owned }))).toMatchObject({
      state: 'STABLE',
      memberEpoch: 5,
      previousMemberEpoch: 4,
      assigned: partitions({ t: [1, 2] }),
      pendingRevocation: new Map(),
    })
  })

  it('takes what is free, and waits at the new epoch for what others have', () => {
    const target = partitions({ t: [0, 1, 2, 3] })
    const isFree = (_topicId: string, partition: number) => partition !== 2
    const waiting = reconcile(stable, way({ target, isFree }))
    expect(waiting).toMatchObject({
      state: 'UNRELEASED_PARTITIONS',
      memberEpoch: 5,
      assigned: partitions({ t: [0, 1, 3] }),
    })
    if (waiting === 'FENCED') throw new Error('the member is known')
    expect(reconcile(waiting, way({ target }))).toMatchObject({
      state: 'STABLE',
      memberEpoch: 5,
      assigned: target,
    })
  })

  it('ends with nothing when it shall have nothing', () => {
    const none = reconcile(consumerMember('a', { memberEpoch: 4 }), way({}))
    expect(none).toMatchObject({ state: 'STABLE', memberEpoch: 5, assigned: new Map() })
  })
})

describe('a member that gives up partitions', () => {
  it.each([
    ['says nothing of what it holds', null],
    ['still says to hold one of them', [{ topicId: 't', partitions: [0, 1] }]],
  ])('stays where it is while it %s', (_title, owned) => {
    expect(reconcile(revoking, way({ owned, target: partitions({ t: [0] }) }))).toBe(revoking)
  })

  it('gets to the target once it has', () => {
    const owned = [{ topicId: 't', partitions: [0] }]
    expect(reconcile(revoking, way({ owned, target: partitions({ t: [0, 5] }) }))).toMatchObject({
      state: 'STABLE',
      memberEpoch: 5,
      assigned: partitions({ t: [0, 5] }),
      pendingRevocation: new Map(),
    })
  })

  it('is told to give up more when the target has moved meanwhile, one epoch later', () => {
    const owned = [{ topicId: 't', partitions: [0] }]
    expect(reconcile(revoking, way({ owned, target: partitions({ u: [0] }) }))).toMatchObject({
      state: 'UNREVOKED_PARTITIONS',
      memberEpoch: 5,
      assigned: new Map(),
      pendingRevocation: partitions({ t: [0] }),
    })
  })
})

describe('a member in a state that this version does not know', () => {
  const unknown = { ...stable, state: 'UNKNOWN' as const }

  it.each([
    ['says nothing of what it holds', null],
    ['holds something', [{ topicId: 't', partitions: [] }]],
  ])('is fenced when it %s', (_title, owned) => {
    expect(reconcile(unknown, way({ owned }))).toBe('FENCED')
  })

  it('begins anew without partitions', () => {
    const anew = reconcile(unknown, way({ owned: [], target: partitions({ t: [0, 3] }) }))
    expect(anew).toMatchObject({
      state: 'STABLE',
      memberEpoch: 5,
      assigned: partitions({ t: [0, 3] }),
    })
  })
})

it('is free what no member has, neither assigned nor still to be given up', () => {
  const group = consumerGroupWith(revoking)
  expect([0, 1, 2].map(partition => isFreeIn(group, 't', partition))).toEqual([false, false, true])
  expect(isFreeIn(group, 'other', 0)).toBe(true)
})
