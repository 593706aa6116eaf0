import { expect, it } from 'vitest'
import { listPartitionReassignments } from '../../../../packages/broker/src/handlers/list-partition-reassignments.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

it('knows of no partition that moves', async () => {
  const { ask, forbid } = await adminBroker()
  const list = () => ask(listPartitionReassignments, 0, { topics: null })
  expect(await list()).toEqual({ errorCode: 0, errorMessage: null, topics: [] })
  forbid(() => true)
  expect(await list()).toMatchObject({ errorCode: 31, topics: [] })
})
