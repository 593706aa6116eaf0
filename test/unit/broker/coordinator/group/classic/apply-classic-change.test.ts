import { describe, expect, it } from 'vitest'
import { applyClassicChange } from '../../../../../../packages/broker/src/coordinator/group/classic/apply-classic-change.ts'
import { emptyGroupState } from '../../../../../../packages/broker/src/coordinator/group/state.ts'

describe('soft changes of classic groups', () => {
  it('make a group for its first member id, and none for what is not there any more', () => {
    const state = emptyGroupState()
    applyClassicChange(state, { type: 'classic-member-removed', groupId: 'gone', memberId: 'm' })
    expect(state.groups.size).toBe(0)
    applyClassicChange(state, { type: 'classic-member-pending', groupId: 'new', memberId: 'm' })
    expect(state.groups.get('new')).toMatchObject({ kind: 'classic', state: 'Empty' })
    applyClassicChange(state, { type: 'classic-group-closed', groupId: 'new' })
    expect(state.groups.size).toBe(0)
  })

  it('leave groups of other kinds alone', () => {
    const state = emptyGroupState()
    const other = { kind: 'consumer', groupId: 'other' } as never
    state.groups.set('other', other)
    applyClassicChange(state, { type: 'classic-member-pending', groupId: 'other', memberId: 'm' })
    applyClassicChange(state, { type: 'classic-group-closed', groupId: 'other' })
    expect(state.groups.get('other')).toBe(other)
  })
})
