import { DeleteGroups, FindCoordinator, type FindCoordinatorRequest } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Admin } from '../../../../packages/client/src/admin/admin.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'

/** Two brokers; `homes` says which groups the second looks after. */
function administering() {
  const fake = new FakeCluster(2)
  const homes = new Map<string, number>()
  fake.always(FindCoordinator, request => found(request, key => homes.get(key) ?? 1))
  fake.always(DeleteGroups, ({ groupsNames }, { brokerId }) => ({
    results: groupsNames.map(groupId => ({
      groupId,
      errorCode: (homes.get(groupId) ?? 1) === brokerId ? 0 : NOT_COORDINATOR,
    })),
  }))
  return { fake, homes, clock: fake.platform.clock, admin: new Admin(settingsFor(fake), {}) }
}

const NOT_COORDINATOR = 16
const LOAD_IN_PROGRESS = 14
const NON_EMPTY_GROUP = 68

function found(request: FindCoordinatorRequest, home: (key: string) => number) {
  const one = (key: string) => {
    const nodeId = home(key)
    return { key, nodeId, host: `broker-${nodeId}`, port: 9092, errorCode: 0, errorMessage: null }
  }
  if (request.coordinatorKeys.length === 0) {
    const { key: _, ...own } = one(request.key)
    return own
  }
  return { coordinators: request.coordinatorKeys.map(one) }
}

describe('askCoordinators', () => {
  it('finds all coordinators with one request, and asks each for its own groups, results in order', async () => {
    const { fake, homes, clock, admin } = administering()
    homes.set('b', 2)
    const deleted = watch(admin.deleteGroups(['a', 'b', 'c']))
    await clock.settle()
    expect(deleted.value()).toEqual([
      { groupId: 'a', error: undefined },
      { groupId: 'b', error: undefined },
      { groupId: 'c', error: undefined },
    ])
    expect(fake.requestsOf(FindCoordinator)).toMatchObject([
      { keyType: 0, coordinatorKeys: ['a', 'b', 'c'] },
    ])
    const asked = fake.requests.filter(({ api }) => api === DeleteGroups.name)
    expect(asked.map(({ brokerId, request }) => [brokerId, request])).toMatchObject([
      [1, { groupsNames: ['a', 'c'] }],
      [2, { groupsNames: ['b'] }],
    ])
  })

  it('asks an old broker for one group at a time', async () => {
    const { fake, homes, clock, admin } = administering()
    fake.versions.set(FindCoordinator.key, [0, 3])
    homes.set('b', 2)
    const deleted = watch(admin.deleteGroups(['a', 'b']))
    await clock.settle()
    expect(deleted.value().map(({ error }) => error)).toEqual([undefined, undefined])
    expect(fake.requestsOf(FindCoordinator)).toMatchObject([{ key: 'a' }, { key: 'b' }])
  })

  it('looks for a coordinator again when it moved, and only for that one', async () => {
    const { fake, homes, clock, admin } = administering()
    fake.next(FindCoordinator, request => found(request, () => 1))
    homes.set('b', 2)
    const deleted = watch(admin.deleteGroups(['a', 'b']))
    await clock.settle()
    expect(deleted.state()).toBe('pending')
    await clock.advance(10_000)
    expect(deleted.value().map(({ error }) => error)).toEqual([undefined, undefined])
    expect(fake.requestsOf(FindCoordinator)).toMatchObject([
      { coordinatorKeys: ['a', 'b'] },
      { coordinatorKeys: ['b'] },
    ])
    expect(fake.requestsOf(DeleteGroups)).toHaveLength(2)
  })

  it('waits for a coordinator that loads without looking for another', async () => {
    const { fake, clock, admin } = administering()
    fake.next(DeleteGroups, () => ({ results: [{ groupId: 'a', errorCode: LOAD_IN_PROGRESS }] }))
    const deleted = watch(admin.deleteGroups(['a']))
    await clock.settle()
    expect(deleted.state()).toBe('pending')
    await clock.advance(10_000)
    expect(deleted.value()).toEqual([{ groupId: 'a', error: undefined }])
    expect(fake.requestsOf(FindCoordinator)).toHaveLength(1)
  })

  it('asks again when the connection ended before the answer', async () => {
    const { fake, clock, admin } = administering()
    fake.next(DeleteGroups, () => 'close')
    const deleted = watch(admin.deleteGroups(['a']))
    await clock.settle()
    await clock.advance(10_000)
    expect(deleted.value()).toEqual([{ groupId: 'a', error: undefined }])
  })

  it('gives the last error of each group when the time is up', async () => {
    const { fake, clock, admin } = administering()
    fake.always(FindCoordinator, ({ coordinatorKeys }) => ({
      coordinators: coordinatorKeys.map(key => ({
        key,
        nodeId: -1,
        host: '',
        port: -1,
        errorCode: 15,
        errorMessage: 'no leader yet',
      })),
    }))
    const deleted = watch(admin.deleteGroups(['a'], { timeoutMs: 5000 }))
    await clock.settle()
    await clock.advance(6000)
    expect(deleted.value()[0]?.error).toMatchObject({ code: 'COORDINATOR_NOT_AVAILABLE' })
    expect(deleted.value()[0]?.error?.message).toContain('no leader yet')
    expect(fake.requestsOf(DeleteGroups)).toEqual([])
  })

  it('does not repeat what is refused for a reason', async () => {
    const { fake, clock, admin } = administering()
    fake.next(DeleteGroups, () => ({ results: [{ groupId: 'a', errorCode: NON_EMPTY_GROUP }] }))
    const deleted = watch(admin.deleteGroups(['a']))
    await clock.settle()
    expect(deleted.value()[0]?.error?.code).toBe('NON_EMPTY_GROUP')
    expect(fake.requestsOf(DeleteGroups)).toHaveLength(1)
  })

  it('ends with the signal', async () => {
    const { fake, clock, admin } = administering()
    fake.always(DeleteGroups, () => 'silence')
    const abort = new AbortController()
    const deleted = watch(admin.deleteGroups(['a'], { signal: abort.signal }))
    await clock.settle()
    abort.abort(new Error('enough'))
    await clock.settle()
    expect(deleted.error().message).toBe('enough')
  })

  it('says of a group that the broker left out that it did', async () => {
    const { fake, clock, admin } = administering()
    fake.next(DeleteGroups, () => ({ results: [] }))
    const deleted = watch(admin.deleteGroups(['a']))
    await clock.settle()
    expect(deleted.value()[0]?.error?.message).toContain('left it out')
  })
})
