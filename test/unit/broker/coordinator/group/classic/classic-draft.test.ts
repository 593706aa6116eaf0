import { describe, expect, it } from 'vitest'
import { ClassicDraft } from '../../../../../../packages/broker/src/coordinator/group/classic/classic-draft.ts'
import { ClassicShard } from '../../../../../support/classic-shard.ts'

describe('the draft of a classic group', () => {
  it('shows the group as the decision leaves it, and does not touch the group', () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(3)
    const [one = '', two = '', three = ''] = memberIds
    const group = shard.group()
    const before = group?.members.get(two)
    if (group === undefined || before === undefined) throw new Error('there is no group')
    const draft = new ClassicDraft(group, shard.moment)
    draft.remove(one)
    draft.park({ ...before, memberId: 'four' }, 'consumer', { ticket: { number: 77 } })
    draft.replace(three, { ...before, memberId: 'five' })
    expect([...draft.members()].map(({ memberId }) => memberId)).toEqual([two, 'four', 'five'])
    expect(draft).toMatchObject({
      memberCount: 3,
      waitingCount: 1,
      leaderId: null,
      isComplete: false,
    })
    expect([...group.members.keys()]).toEqual(memberIds)
    expect(draft.decision().changes?.map(({ type }) => type)).toEqual([
      'classic-member-removed',
      'classic-member-joining',
      'classic-member-replaced',
    ])
  })

  it('asserts that the state table has the way, and that only members are removed', () => {
    const shard = new ClassicShard()
    shard.stable(1)
    const group = shard.group()
    if (group === undefined) throw new Error('there is no group')
    const draft = new ClassicDraft(group, shard.moment)
    expect(() => draft.become('Empty')).toThrow('never goes from Stable to Empty')
    expect(() => draft.remove('nobody')).toThrow('only a member is removed')
  })
})
