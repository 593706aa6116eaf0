import { type ErrorName, errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { findCoordinator } from '../../../../packages/broker/src/handlers/find-coordinator.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

async function given(leaderOf: (groupId: string) => number | ErrorName = () => 1) {
  const broker = await adminBroker()
  const located: string[] = []
  let locations = 0
  const groups = {
    leadersOf: (groupIds: readonly string[]) => {
      locations++
      for (const groupId of groupIds) located.push(groupId)
      return Promise.resolve(groupIds.map(leaderOf))
    },
  }
  const transactions = {
    leadersOf: (ids: readonly string[]) => Promise.resolve(ids.map(leaderOf)),
  }
  Object.assign(broker.parts, { groups, transactions })
  const find = async (version: number, keyType: number, ...keys: string[]) => {
    const [key = ''] = keys
    const request = { keyType, key, coordinatorKeys: version < 4 ? [] : keys }
    const { coordinators, ...single } = await broker.ask(findCoordinator, version, request)
    return (version < 4 ? [single] : (coordinators ?? [])).map(found => ({
      ...found,
      errorCode: undefined,
      error: errorName(found.errorCode ?? 0),
    }))
  }
  return { ...broker, located, locations: () => locations, find }
}

describe('FindCoordinator', () => {
  it.each([0, 1, 2, 3, 4, 5, 6])(
    'finds the coordinator of a group in version %i',
    async version => {
      const { find } = await given()
      expect(await find(version, 0, 'billing')).toMatchObject([
        { error: 'NONE', nodeId: 1, host: 'localhost', port: 9092 },
      ])
    },
  )

  it('finds many at once, each for itself, and takes an empty group id as Kafka does', async () => {
    const { find } = await given(groupId =>
      groupId === 'lost' ? 'COORDINATOR_NOT_AVAILABLE' : groupId === 'far' ? 7 : 1,
    )
    expect(await find(4, 0, 'a', 'lost', 'far', '')).toMatchObject([
      { key: 'a', error: 'NONE', nodeId: 1 },
      { key: 'lost', error: 'COORDINATOR_NOT_AVAILABLE', nodeId: -1, host: '', port: -1 },
      { key: 'far', error: 'COORDINATOR_NOT_AVAILABLE', nodeId: -1 },
      { key: '', error: 'NONE', nodeId: 1 },
    ])
  })

  it('asks once for all of a hundred thousand, which a small request can name', async () => {
    const { find, locations } = await given()
    const keys = Array.from({ length: 100_000 }, () => '')
    expect(await find(4, 0, ...keys)).toHaveLength(100_000)
    expect(locations()).toBe(1)
  })

  it('tells only those who may describe the group, and makes nothing for the others', async () => {
    const { find, forbid, located } = await given()
    forbid(permission => permission === 'Describe Group secret')
    expect(await find(4, 0, 'secret')).toMatchObject([
      { error: 'GROUP_AUTHORIZATION_FAILED', nodeId: -1 },
    ])
    expect(located).toEqual([])
  })

  it('finds the coordinator of a transactional id, for those who may describe it', async () => {
    const { find, forbid, located } = await given()
    expect(await find(4, 1, 'shop')).toMatchObject([{ key: 'shop', error: 'NONE', nodeId: 1 }])
    expect(await find(1, 1, 'shop')).toMatchObject([{ error: 'NONE', nodeId: 1 }])
    forbid(permission => permission === 'Describe TransactionalId secret')
    expect(await find(4, 1, 'secret', 'shop')).toMatchObject([
      { key: 'secret', error: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', nodeId: -1 },
      { key: 'shop', error: 'NONE' },
    ])
    expect(located).toEqual([])
  })

  it('has no coordinator of share groups or of anything else', async () => {
    const { find, forbid } = await given()
    expect(await find(6, 2, 'group:AAAAAAAAAAAAAAAAAAAAAw:0')).toMatchObject([
      { error: 'COORDINATOR_NOT_AVAILABLE' },
    ])
    expect(await find(5, 2, 'group:AAAAAAAAAAAAAAAAAAAAAw:0')).toMatchObject([
      { error: 'INVALID_REQUEST' },
    ])
    expect(await find(4, 9, 'x')).toMatchObject([{ error: 'INVALID_REQUEST' }])
    forbid(permission => permission.startsWith('ClusterAction'))
    expect(await find(6, 2, 'x')).toMatchObject([{ error: 'CLUSTER_AUTHORIZATION_FAILED' }])
  })
})
