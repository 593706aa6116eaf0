import { DescribeCluster, FindCoordinator, LeaveGroup, ListGroups } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Admin } from '../../../../packages/client/src/admin/admin.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'

function administering(brokersCount = 1) {
  const fake = new FakeCluster(brokersCount)
  // Brokers are then named by Metadata, which the fake cluster answers.
  fake.versions.set(DescribeCluster.key, undefined)
  fake.always(FindCoordinator, ({ coordinatorKeys }) => ({
    coordinators: coordinatorKeys.map(key => ({
      key,
      nodeId: 1,
      host: 'broker-1',
      port: 9092,
      errorCode: 0,
      errorMessage: null,
    })),
  }))
  return { fake, clock: fake.platform.clock, admin: new Admin(settingsFor(fake), {}) }
}

const group = (groupId: string, groupState = 'Stable', groupType = 'classic') => ({
  groupId,
  protocolType: 'consumer',
  groupState,
  groupType,
})

describe('listGroups', () => {
  it('asks all brokers and lists each group once, by name', async () => {
    const { fake, clock, admin } = administering(2)
    fake.always(ListGroups, (_, { brokerId }) => ({
      errorCode: 0,
      groups:
        brokerId === 1
          ? [group('z'), group('b', 'Empty', 'Consumer')]
          : [group('a', 'Dancing', 'choir'), group('z')],
    }))
    const listed = watch(admin.listGroups())
    await clock.settle()
    expect(listed.value()).toEqual([
      { groupId: 'a', protocolType: 'consumer', state: 'Unknown', type: 'unknown' },
      { groupId: 'b', protocolType: 'consumer', state: 'Empty', type: 'consumer' },
      { groupId: 'z', protocolType: 'consumer', state: 'Stable', type: 'classic' },
    ])
  })

  it('has the brokers filter, or says that they cannot', async () => {
    const { fake, clock, admin } = administering()
    fake.always(ListGroups, () => ({ errorCode: 0, groups: [] }))
    const listed = watch(admin.listGroups({ states: ['Empty'], types: ['classic'] }))
    await clock.settle()
    expect(listed.value()).toEqual([])
    expect(fake.requestsOf(ListGroups)).toMatchObject([
      { statesFilter: ['Empty'], typesFilter: ['classic'] },
    ])
    fake.versions.set(ListGroups.key, [0, 3])
    const old = new Admin(settingsFor(fake), {})
    const plain = watch(old.listGroups())
    const byState = watch(old.listGroups({ states: ['Empty'] }))
    const byType = watch(old.listGroups({ types: ['classic'] }))
    await clock.settle()
    expect(plain.value()).toEqual([])
    expect(byState.error()).toMatchObject({ code: 'UNSUPPORTED_VERSION' })
    expect(byType.error()).toMatchObject({ code: 'UNSUPPORTED_VERSION' })
  })

  it('waits for a broker that still loads its groups', async () => {
    const { fake, clock, admin } = administering()
    fake.next(ListGroups, () => ({ errorCode: 14, groups: [] }))
    fake.always(ListGroups, () => ({ errorCode: 0, groups: [group('a')] }))
    const listed = watch(admin.listGroups())
    await clock.settle()
    expect(listed.state()).toBe('pending')
    await clock.advance(10_000)
    expect(listed.value()).toHaveLength(1)
  })
})

describe('removeMembers', () => {
  it('takes out static members by the name of their instance, others by their id, with the reason', async () => {
    const { fake, clock, admin } = administering()
    fake.next(LeaveGroup, ({ members }) => ({
      errorCode: 0,
      members: members.map(({ memberId, groupInstanceId }) => ({
        memberId,
        groupInstanceId,
        errorCode: groupInstanceId === 'gone' ? 25 : 0,
      })),
    }))
    const removed = watch(
      admin.removeMembers(
        'g',
        [{ groupInstanceId: 'worker-1' }, { groupInstanceId: 'gone' }, { memberId: 'm-3' }],
        { reason: 'moved' },
      ),
    )
    await clock.settle()
    expect(removed.value()).toMatchObject([
      { groupInstanceId: 'worker-1', error: undefined },
      { groupInstanceId: 'gone', error: { code: 'UNKNOWN_MEMBER_ID' } },
      { memberId: 'm-3', groupInstanceId: null, error: undefined },
    ])
    expect(fake.requestsOf(LeaveGroup)).toMatchObject([
      {
        groupId: 'g',
        members: [
          { memberId: '', groupInstanceId: 'worker-1', reason: 'moved' },
          { memberId: '', groupInstanceId: 'gone', reason: 'moved' },
          { memberId: 'm-3', groupInstanceId: null, reason: 'moved' },
        ],
      },
    ])
  })

  it('gives each member the error of the group, and refuses brokers that know no instances', async () => {
    const { fake, clock, admin } = administering()
    fake.next(LeaveGroup, () => ({ errorCode: 30, members: [] }))
    const forbidden = watch(admin.removeMembers('g', [{ memberId: 'a' }, { memberId: 'b' }]))
    await clock.settle()
    expect(forbidden.value().map(({ error }) => error?.code)).toEqual([
      'GROUP_AUTHORIZATION_FAILED',
      'GROUP_AUTHORIZATION_FAILED',
    ])
    fake.versions.set(LeaveGroup.key, [0, 2])
    const old = new Admin(settingsFor(fake), {})
    const removed = watch(old.removeMembers('g', [{ memberId: 'a' }]))
    await clock.settle()
    expect(removed.value()[0]?.error?.code).toBe('UNSUPPORTED_VERSION')
  })
})
