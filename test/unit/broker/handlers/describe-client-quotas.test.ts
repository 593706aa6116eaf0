import { expect, it } from 'vitest'
import { describeClientQuotas } from '../../../../packages/broker/src/handlers/describe-client-quotas.ts'
import type {
  MetadataChange,
  QuotaEntity,
} from '../../../../packages/broker/src/metadata/change.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

it('finds entities by what they are named, and strictly by nothing more', async () => {
  const { ask, store } = await adminBroker()
  const entities: QuotaEntity[] = [
    [{ entityType: 'user', entityName: 'alice' }],
    [{ entityType: 'user', entityName: null }],
    [
      { entityType: 'client-id', entityName: 'a' },
      { entityType: 'user', entityName: 'alice' },
    ],
  ]
  const quota = { type: 'ClientQuotaRecord', key: 'producer_byte_rate', value: 7, remove: false }
  const changes = entities.map(entity => ({ ...quota, entity }) as MetadataChange)
  await store.propose(changes, store.image)
  const find = async (matchType: number, match: string | null, strict: boolean) => {
    const components = [{ entityType: 'user', matchType, match }]
    const { entries } = await ask(describeClientQuotas, 1, { components, strict })
    return entries?.map(({ entity }) => entities.findIndex(one => isSame(one, entity)))
  }
  const isSame = (one: object, other: object) => JSON.stringify(one) === JSON.stringify(other)
  expect(await find(0, 'alice', false)).toEqual([0, 2])
  expect(await find(0, 'alice', true)).toEqual([0])
  expect(await find(1, null, false)).toEqual([1])
  expect(await find(2, null, true)).toEqual([0, 1])
  expect(await find(0, 'bob', false)).toEqual([])
  expect(await find(0, null, false)).toBeUndefined()
})
