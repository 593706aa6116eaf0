import { describe, expect, it } from 'vitest'
import {
  instanceOf,
  joiningMember,
  knownMember,
  presentMember,
  staticMember,
} from '../../../../../../packages/broker/src/coordinator/group/consumer/find-member.ts'
import {
  consumerGroupWith,
  consumerMember,
  partitions,
} from '../../../../../support/pure-consumer-group.ts'

const dynamic = consumerMember('a', {
  memberEpoch: 3,
  previousMemberEpoch: 2,
  assigned: partitions({ t: [0, 1] }),
})
const present = consumerMember('b', { memberEpoch: 3, instanceId: 'here' })
const away = consumerMember('c', { memberEpoch: -2, instanceId: 'away', rackId: 'r' })
const classic = consumerMember('d', {
  memberEpoch: 3,
  instanceId: 'old',
  classic: { sessionTimeoutMs: 10_000, protocols: [] },
})
const group = consumerGroupWith(dynamic, present, away, classic)
const claim = (memberId: string, changes: object = {}) => ({
  ...{ memberId, instanceId: null, memberEpoch: 0, owned: [] },
  ...changes,
})

describe('who joins', () => {
  it('is a new member under an id that nobody has', () => {
    const seat = joiningMember(group, claim('new'))
    expect(seat).toMatchObject({ member: { memberId: 'new', memberEpoch: 0 } })
    expect(seat).not.toHaveProperty('replaces')
  })

  it('is who it was when its answer was lost, as long as it holds nothing it may not hold', () => {
    const early = consumerGroupWith({ ...dynamic, memberEpoch: 1, previousMemberEpoch: 0 })
    expect(joiningMember(early, claim('a'))).toEqual({ member: early.members.get('a') })
    const more = [{ topicId: 't', partitions: [2] }]
    expect(joiningMember(early, claim('a', { owned: more }))).toMatchObject({
      error: 'FENCED_MEMBER_EPOCH',
    })
  })

  it('cannot join again under its id once it has come further', () => {
    expect(joiningMember(group, claim('a'))).toMatchObject({ error: 'FENCED_MEMBER_EPOCH' })
  })

  it('takes the place of a static member that is away, with what that had', () => {
    const seat = joiningMember(group, claim('new', { instanceId: 'away' }))
    expect(seat).toEqual({
      member: { ...away, memberId: 'new', memberEpoch: 0, previousMemberEpoch: 0 },
      replaces: away,
    })
  })

  it('does not take the place of a static member that has not left', () => {
    const refusal = joiningMember(group, claim('new', { instanceId: 'here' }))
    expect(refusal).toMatchObject({ error: 'UNRELEASED_INSTANCE_ID' })
  })

  it('takes the place of a static member that stays, when one of the two speaks the classic protocol', () => {
    const toNew = joiningMember(group, claim('new', { instanceId: 'old' }))
    expect(toNew).toMatchObject({ replaces: classic })
    const fromOld = claim('new', { instanceId: 'here', memberEpoch: undefined, owned: null })
    expect(joiningMember(group, fromOld)).toMatchObject({ replaces: present })
  })

  it('holds a name that is new to the group itself', () => {
    const seat = joiningMember(group, claim('new', { instanceId: 'unheard of' }))
    expect(seat).not.toHaveProperty('replaces')
  })
})

describe('who is there', () => {
  it('is found by its id, and a static one by both of its names', () => {
    expect(presentMember(group, claim('a', { memberEpoch: 3 }))).toBe(dynamic)
    const both = claim('b', { instanceId: 'here', memberEpoch: 3 })
    expect(presentMember(group, both)).toBe(present)
    expect(knownMember(group, 'b')).toBe(present)
    expect(staticMember(group, 'here')).toBe(present)
  })

  it.each([
    ['nobody with that id', claim('x'), 'UNKNOWN_MEMBER_ID'],
    ['nobody of that name', claim('a', { instanceId: 'x' }), 'UNKNOWN_MEMBER_ID'],
    ['another of that name', claim('a', { instanceId: 'here' }), 'FENCED_INSTANCE_ID'],
    ['one at a later epoch', claim('a', { memberEpoch: 1 }), 'FENCED_MEMBER_EPOCH'],
    ['one at an earlier epoch', claim('a', { memberEpoch: 4 }), 'FENCED_MEMBER_EPOCH'],
  ])('is not %s', (_title, claimant, error) => {
    expect(presentMember(group, claimant)).toMatchObject({ error })
  })

  it.each([
    ['that holds part of what it has', [{ topicId: 't', partitions: [1] }], true],
    ['that holds nothing', [], true],
    ['that holds more', [{ topicId: 't', partitions: [1, 2] }], false],
    ['that does not say', null, false],
  ])('may be one at its former epoch %s', (_title, owned, isGood) => {
    const found = presentMember(group, claim('a', { memberEpoch: 2, owned }))
    expect(found === dynamic).toBe(isGood)
  })

  it('may be at any epoch when it is not asked for', () => {
    const claimant = claim('a', { memberEpoch: undefined, owned: null })
    expect(presentMember(group, claimant)).toBe(dynamic)
  })
})

it('nobody has the name of a static member in a group without any', () => {
  const empty = consumerGroupWith(consumerMember(''))
  expect(staticMember(empty, 'i')).toBeUndefined()
  expect(instanceOf(empty, 'i', '')).toMatchObject({ error: 'UNKNOWN_MEMBER_ID' })
})
