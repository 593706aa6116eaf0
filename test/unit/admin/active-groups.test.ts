import type { Admin, DescribedGroup, DescribedMember } from '@varve/client'
import { describe, expect, it } from 'vitest'
import {
  memberHost,
  memberName,
  namesOfGroups,
  refuseActive,
} from '../../../packages/admin/src/active-groups.ts'

const member = (memberId: string, groupInstanceId: string | null = null) =>
  ({ memberId, groupInstanceId, host: '/10.0.0.7' }) as DescribedMember

const group = (state: DescribedGroup['state'], members: readonly DescribedMember[] = []) =>
  ({ groupId: 'billing', state, members, error: undefined }) as unknown as DescribedGroup

describe('refuseActive', () => {
  it('names members and hosts, says why, and what to do', () => {
    const active = group('Stable', [member('m-1'), member('m-2', 'worker-2')])
    expect(() => refuseActive([group('Empty'), active], 'they would be disturbed')).toThrow(
      'Group billing is in use (Stable, 2 members: m-1 on 10.0.0.7, worker-2 on 10.0.0.7): they would be disturbed. ' +
        'Stop its consumers and try again; one that vanished counts until its session has timed out',
    )
  })

  it('names only some of many', () => {
    const members = Array.from({ length: 8 }, (_, index) => member(`m-${index}`))
    expect(() => refuseActive([group('Assigning', members)], 'why')).toThrow(
      /8 members: .*m-4 on 10\.0\.0\.7 and 3 more\)/,
    )
    expect(() => refuseActive([group('PreparingRebalance')], 'why')).toThrow('0 members): why')
  })

  it('is content with groups that nobody is in, and with those that do not exist', () => {
    const gone = { ...group('Unknown'), error: { code: 'GROUP_ID_NOT_FOUND' } } as DescribedGroup
    expect(() => refuseActive([group('Empty'), group('Dead'), gone], 'why')).not.toThrow()
  })
})

it('names the groups of consumers, and those of which nobody says what they are', async () => {
  const listed = [
    ['connectors', 'connect', 'classic'],
    ['shares', 'share', 'share'],
    ['old', 'consumer', 'unknown'],
    ['committed', '', 'classic'],
    ['new', 'consumer', 'consumer'],
  ].map(([groupId, protocolType, type]) => ({ groupId, protocolType, type }))
  const admin = { listGroups: () => Promise.resolve(listed) } as unknown as Admin
  expect(await namesOfGroups(admin)).toEqual(['old', 'committed', 'new'])
})

it('members are known by the name of their instance, or by their id, and hosts as people write them', () => {
  expect([memberName(member('m-1')), memberName(member('m-1', 'worker-1'))]).toEqual([
    'm-1',
    'worker-1',
  ])
  expect(memberHost(member('m-1'))).toBe('10.0.0.7')
})
