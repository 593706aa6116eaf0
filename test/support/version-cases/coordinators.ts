import { FindCoordinator, type ResponseOf } from '@varve/protocol'
import { expect } from 'vitest'
import { type At, casesOf, expectError, first } from './case.ts'

const KEY_TYPE = { group: 0, transaction: 1, share: 2 } as const

interface Found {
  readonly errorCode: number
  readonly nodeId: number
  readonly host: string
  readonly port: number
}

/** One key, in the form of the version. */
async function find(
  at: At<typeof FindCoordinator>,
  keyType: keyof typeof KEY_TYPE,
  key: string,
): Promise<Found> {
  const type = at.version < 1 ? {} : { keyType: KEY_TYPE[keyType] }
  if (at.version < 4) return await at.ask({ ...type, key })
  const { coordinators }: ResponseOf<typeof FindCoordinator> = await at.ask({
    ...type,
    coordinatorKeys: [key],
  })
  expect(first(coordinators).key).toBe(key)
  return first(coordinators)
}

export const findCoordinatorCases = casesOf(FindCoordinator, {
  'finds the coordinator of a group at the first time of asking': async at => {
    const found = await find(at, 'group', at.newName())
    expectError(found.errorCode, 'NONE')
    expect(found).toMatchObject({ nodeId: 1, host: '127.0.0.1' })
    expect(found.port).toBeGreaterThan(0)
  },
  'finds those of many groups at once': {
    since: 4,
    run: async at => {
      const keys = [at.newName(), at.newName()]
      const { coordinators } = await at.ask({ keyType: KEY_TYPE.group, coordinatorKeys: keys })
      expect(coordinators.map(({ key, nodeId }) => [key, nodeId])).toEqual(
        keys.map(key => [key, 1]),
      )
    },
  },
  'tells nobody who may not know': async at => {
    const groupId = at.newName()
    at.deny(action => action === `Describe Group ${groupId}`)
    const found = await find(at, 'group', groupId)
    expectError(found.errorCode, 'GROUP_AUTHORIZATION_FAILED')
    expect(found).toMatchObject({ nodeId: -1, host: '', port: -1 })
  },
  'finds the coordinator of a transactional id': {
    since: 1,
    run: async at => {
      const found = await find(at, 'transaction', at.newName())
      expectError(found.errorCode, 'NONE')
      expect(found.nodeId).toBe(1)
    },
  },
  'has no share groups': {
    since: 1,
    run: async at => {
      const found = await find(at, 'share', 'group:AAAAAAAAAAAAAAAAAAAAAw:0')
      expectError(found.errorCode, at.version < 6 ? 'INVALID_REQUEST' : 'COORDINATOR_NOT_AVAILABLE')
    },
  },
})
