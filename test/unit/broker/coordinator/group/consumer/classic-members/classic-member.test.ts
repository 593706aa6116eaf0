import { describe, expect, it } from 'vitest'
import {
  awaitJoin,
  canTakeRest,
  classicMember,
} from '../../../../../../../packages/broker/src/coordinator/group/consumer/classic-members/classic-member.ts'
import { newDraft } from '../../../../../../../packages/broker/src/coordinator/group/consumer/draft.ts'
import { consumerShard, GROUP } from '../../../../../../support/consumer-shard.ts'
import { imageWith } from '../../../../../../support/metadata-image.ts'
import {
  consumerGroupWith,
  consumerMember,
  partitions,
} from '../../../../../../support/pure-consumer-group.ts'

const classic = { sessionTimeoutMs: 10_000, protocols: [] }
const old = consumerMember('old', {
  classic,
  memberEpoch: 3,
  instanceId: 'i',
  rebalanceTimeoutMs: 20_000,
  assigned: partitions({ t: [0] }),
})
const other = consumerMember('new', { memberEpoch: 3, assigned: partitions({ t: [1] }) })
const group = consumerGroupWith(old, other)
const named = (changes: object = {}) => ({
  ...{ memberId: 'old', instanceId: null, generationId: 3 },
  ...changes,
})

describe('the classic member that a request names', () => {
  it('is found by its id, and by its instance id as well', () => {
    expect(classicMember(group, named())).toBe(old)
    expect(classicMember(group, named({ instanceId: 'i' }))).toBe(old)
  })

  it.each([
    ['at another generation', { generationId: 2 }, 'ILLEGAL_GENERATION'],
    ['at none', { generationId: -1 }, 'ILLEGAL_GENERATION'],
    ['that speaks the consumer protocol', { memberId: 'new' }, 'UNKNOWN_MEMBER_ID'],
    ['that nobody knows', { memberId: 'x' }, 'UNKNOWN_MEMBER_ID'],
    ['of a name that nobody has', { instanceId: 'x' }, 'UNKNOWN_MEMBER_ID'],
    ['whose place another has taken', { memberId: 'x', instanceId: 'i' }, 'FENCED_INSTANCE_ID'],
  ])('is none %s', (_title, changes, error) => {
    expect(classicMember(group, named(changes))).toMatchObject({ error })
  })
})

describe('a classic member can take the rest', () => {
  it.each<[string, Readonly<Record<string, readonly number[]>>, boolean]>([
    ['that is free', { t: [0, 2], u: [0] }, true],
    ['when there is none', { t: [0] }, true],
    ['but not while another has part of it', { t: [0, 1, 2] }, false],
  ])('%s', (_title, target, can) => {
    const here = consumerGroupWith(old, other)
    here.targets.set('old', partitions(target))
    expect(canTakeRest(here, old)).toBe(can)
  })

  it('when nothing was computed for it yet, which is nothing', () => {
    expect(canTakeRest(group, old)).toBe(true)
  })
})

it('a classic member has its rebalance timeout to join from the first time that it is told to', () => {
  const { moment } = consumerShard(imageWith())
  const here = consumerGroupWith(old)
  const draft = newDraft()
  awaitJoin(draft, here, { member: old, moment })
  expect(draft.changes).toEqual([
    { type: 'consumer-join-awaited', groupId: GROUP, memberId: 'old', awaited: 'yes' },
  ])
  expect(draft.timers).toMatchObject([
    { atMs: moment.patientMs + 20_000, event: { memberId: 'old' } },
  ])
  here.soft.awaitedJoins.add('old')
  const again = newDraft()
  awaitJoin(again, here, { member: old, moment })
  expect([...again.changes, ...again.timers]).toEqual([])
})
