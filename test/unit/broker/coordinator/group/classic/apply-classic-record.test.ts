import { describe, expect, it } from 'vitest'
import { applyClassicRecord } from '../../../../../../packages/broker/src/coordinator/group/classic/apply-classic-record.ts'
import { emptyGroupState } from '../../../../../../packages/broker/src/coordinator/group/state.ts'

const stored = (words: object = {}) => ({
  memberId: 'a',
  groupInstanceId: null,
  clientId: 'client',
  clientHost: '/127.0.0.1',
  rebalanceTimeout: -1,
  sessionTimeout: 10_000,
  subscription: Buffer.from('reads'),
  assignment: Buffer.from('all'),
  ...words,
})

const record = (members: readonly ReturnType<typeof stored>[], generation: number) => ({
  type: 'GroupMetadata' as const,
  key: { group: 'readers' },
  value: {
    protocolType: 'consumer',
    generation,
    protocol: 'range',
    leader: 'a',
    currentStateTimestamp: 1,
    members,
  },
})

describe('the record of a classic group, read again', () => {
  it('makes the group, replaces it, and takes it away', () => {
    const state = emptyGroupState()
    applyClassicRecord(state, record([stored()], 1))
    expect(state.groups.get('readers')).toMatchObject({ state: 'Stable', generationId: 1 })
    applyClassicRecord(state, record([], 2))
    expect(state.groups.get('readers')).toMatchObject({ state: 'Empty', generationId: 2 })
    applyClassicRecord(state, { ...record([], 0), value: null })
    expect(state.groups.size).toBe(0)
  })

  it('of before version 1 gives members one timeout for both', () => {
    const state = emptyGroupState()
    applyClassicRecord(state, record([stored()], 1))
    const group = state.groups.get('readers')
    const member = group?.kind === 'classic' ? group.members.get('a') : undefined
    expect(member?.rebalanceTimeoutMs).toBe(10_000)
  })

  it('says what a member reads now, whatever it read before', () => {
    const state = emptyGroupState()
    applyClassicRecord(state, record([stored()], 1))
    applyClassicRecord(state, record([stored({ subscription: Buffer.from('more') })], 2))
    const group = state.groups.get('readers')
    const member = group?.kind === 'classic' ? group.members.get('a') : undefined
    expect(member?.protocols).toEqual([{ name: 'range', metadata: Buffer.from('more') }])
  })
})
