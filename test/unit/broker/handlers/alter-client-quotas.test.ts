import { expect, it } from 'vitest'
import { alterClientQuotas } from '../../../../packages/broker/src/handlers/alter-client-quotas.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

const entry = (user: string, value: number) => ({
  entity: [{ entityType: 'user', entityName: user }],
  ops: [{ key: 'producer_byte_rate', value, remove: false }],
})

it('answers each entity for itself, in order', async () => {
  const { ask, store } = await adminBroker()
  const alter = async (entries: object[], validateOnly = false) =>
    (await ask(alterClientQuotas, 1, { entries, validateOnly })).entries.map(one => one.errorCode)
  expect(await alter([entry('a', 1)], true)).toEqual([0])
  expect(store.image.clientQuotas.size).toBe(0)
  const asked = [entry('twice', 1), entry('a', 1), entry('twice', 2), entry('b', 0), entry('c', 3)]
  expect(await alter(asked)).toEqual([42, 0, 42, 42, 0])
  expect([...store.image.clientQuotas.values()].map(({ values }) => [...values])).toEqual([
    [['producer_byte_rate', 1]],
    [['producer_byte_rate', 3]],
  ])
})

it('says that the disk would not have it', async () => {
  const { ask, fillDisk } = await adminBroker()
  fillDisk()
  const answer = await ask(alterClientQuotas, 1, { entries: [entry('a', 1)], validateOnly: false })
  expect(answer.entries[0]?.errorCode).toBe(56)
})
