import { AlterClientQuotas, DescribeClientQuotas } from '@varve/protocol'
import { expect } from 'vitest'
import { type At, casesOf, expectError, first } from './case.ts'

interface Quota {
  readonly entity: { readonly [type: string]: string | null }
  readonly key?: string
  readonly value?: number
  readonly remove?: boolean
  readonly validateOnly?: boolean
}

const entityOf = (entity: Quota['entity']) =>
  Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName }))

const entryOf = ({ entity, key = 'producer_byte_rate', value = 0, remove = false }: Quota) => ({
  entity: entityOf(entity),
  ops: [{ key, value, remove }],
})

async function alter(at: Pick<At<typeof AlterClientQuotas>, 'ask'>, quota: Quota) {
  const { validateOnly = false } = quota
  const { errorCode, entity } = first(
    (await at.ask({ entries: [entryOf(quota)], validateOnly })).entries,
  )
  expect(entity).toEqual(entityOf(quota.entity))
  return errorCode
}

export const alterClientQuotasCases = casesOf(AlterClientQuotas, {
  'sets and removes': async at => {
    const user = at.newName()
    const told = async () => {
      const components = [{ entityType: 'user', matchType: 0, match: user }]
      const { entries } = await at.also(DescribeClientQuotas, 1, { components, strict: false })
      return entries?.flatMap(({ values }) => values)
    }
    const quota = { entity: { user }, value: 1000 }
    expectError(await alter(at, { ...quota, validateOnly: true }), 'NONE')
    expect(await told()).toEqual([])
    expectError(await alter(at, quota), 'NONE')
    expect(await told()).toEqual([{ key: 'producer_byte_rate', value: 1000 }])
    expectError(await alter(at, { entity: { user }, remove: true }), 'NONE')
    expect(await told()).toEqual([])
  },
  'says why not': async at => {
    const user = at.newName()
    const refused = async (quota: Quota) =>
      expectError(await alter(at, { value: 5, ...quota }), 'INVALID_REQUEST')
    await refused({ entity: {} })
    await refused({ entity: { nobody: 'a' } })
    await refused({ entity: { user: '' } })
    await refused({ entity: { ip: 'not an ip' }, key: 'connection_creation_rate' })
    await refused({ entity: { ip: '::1', user } })
    await refused({ entity: { user }, key: 'no_such_rate' })
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e19])
      await refused({ entity: { user }, value })
    const quota = entryOf({ entity: { user }, value: 1 })
    const twice = await at.ask({ entries: [quota, quota], validateOnly: false })
    for (const { errorCode } of twice.entries) expectError(errorCode, 'INVALID_REQUEST')
    expect((await at.ask({ entries: [], validateOnly: false })).entries).toEqual([])
    at.deny(action => action === 'AlterConfigs Cluster kafka-cluster')
    const answer = await alter(at, { entity: { user }, value: 1 })
    expectError(answer, 'CLUSTER_AUTHORIZATION_FAILED')
  },
})

export const describeClientQuotasCases = casesOf(DescribeClientQuotas, {
  'tells what is set': async at => {
    const user = at.newName()
    const quota = { entity: { user, 'client-id': null }, key: 'request_percentage', value: 12.5 }
    await at.also(AlterClientQuotas, 1, { entries: [entryOf(quota)], validateOnly: false })
    const entry = {
      entity: [
        { entityType: 'client-id', entityName: null },
        { entityType: 'user', entityName: user },
      ],
      values: [{ key: 'request_percentage', value: 12.5 }],
    }
    const ofUser = { entityType: 'user', matchType: 0, match: user }
    const ofDefaults = { entityType: 'client-id', matchType: 1, match: null }
    const find = async (components: (typeof ofUser | typeof ofDefaults)[], strict: boolean) => {
      const answer = await at.ask({ components, strict })
      expectError(answer.errorCode, 'NONE')
      return answer.entries
    }
    expect(await find([ofUser], false)).toEqual([entry])
    expect(await find([ofUser], true)).toEqual([])
    expect(await find([ofUser, ofDefaults], true)).toEqual([entry])
    expect(await find([], false)).toContainEqual(entry)
    const any = await find([{ entityType: 'user', matchType: 2, match: null }], false)
    expect(any).toContainEqual(entry)
  },
  'says why not': async at => {
    const part = (entityType: string, matchType: number, match: string | null = null) => ({
      ...{ entityType, matchType, match },
    })
    const refused = async (error: string, ...components: ReturnType<typeof part>[]) => {
      const answer = await at.ask({ components, strict: false })
      expectError(answer.errorCode, error)
      expect([answer.entries, /\w/.test(answer.errorMessage ?? '')]).toEqual([null, true])
    }
    await refused('INVALID_REQUEST', part('', 2))
    await refused('INVALID_REQUEST', part('user', 2), part('user', 2))
    await refused('INVALID_REQUEST', part('ip', 2), part('user', 2))
    await refused('INVALID_REQUEST', part('user', 9))
    await refused('INVALID_REQUEST', part('user', 0, null))
    await refused('INVALID_REQUEST', part('user', 2, 'alice'))
    await refused('UNSUPPORTED_VERSION', part('nobody', 2))
    at.deny(action => action === 'DescribeConfigs Cluster kafka-cluster')
    await refused('CLUSTER_AUTHORIZATION_FAILED')
  },
})
