import { describe, expect, it } from 'vitest'
import { emptyClassicGroup } from '../../../../../../packages/broker/src/coordinator/group/classic/classic-group.ts'
import {
  placeMember,
  removeAllMembers,
  removeMember,
  storedBytesOf,
} from '../../../../../../packages/broker/src/coordinator/group/classic/classic-members.ts'

const member = (memberId: string, instanceId: string | null, protocols: readonly string[]) => ({
  memberId,
  instanceId,
  clientId: 'client',
  clientHost: '/127.0.0.1',
  rebalanceTimeoutMs: 60_000,
  sessionTimeoutMs: 10_000,
  protocols: protocols.map((name, place) => ({ name, metadata: new Uint8Array(place + 1) })),
  assignment: new Uint8Array(0),
})

describe('the members of a classic group', () => {
  it('are counted by what they offer and by what they take up in the log', () => {
    const group = emptyClassicGroup('readers')
    const one = member('one', null, ['range', 'sticky'])
    const two = member('two', 'i', ['range'])
    placeMember(group, one)
    placeMember(group, two)
    expect([...group.protocolCounts]).toEqual([
      ['range', 2],
      ['sticky', 1],
    ])
    expect(group.storedBytes).toBe(storedBytesOf(one) + storedBytesOf(two))
    placeMember(group, member('one', null, ['range']))
    expect([...group.protocolCounts]).toEqual([['range', 2]])
    removeMember(group, 'two')
    expect(group.staticMembers.size).toBe(0)
    expect([...group.protocolCounts]).toEqual([['range', 1]])
    removeAllMembers(group)
    expect(group).toMatchObject({ storedBytes: 0 })
    expect(group.protocolCounts.size).toBe(0)
  })

  it('leave an instance to the newer member that has it', () => {
    const group = emptyClassicGroup('readers')
    placeMember(group, member('old', 'i', ['range']))
    placeMember(group, member('new', 'i', ['range']))
    removeMember(group, 'old')
    expect(group.staticMembers.get('i')).toBe('new')
  })
})
