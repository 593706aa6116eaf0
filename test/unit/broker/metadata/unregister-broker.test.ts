import { expect, it } from 'vitest'
import { applyAll } from '../../../../packages/broker/src/metadata/apply.ts'
import { unregisterBroker } from '../../../../packages/broker/src/metadata/unregister-broker.ts'
import { imageWith, newTopic, registration } from '../../../support/metadata-image.ts'

it('forgets a broker that nothing needs', () => {
  const image = imageWith(registration(2))
  const { outcome, changes } = unregisterBroker(image, 2, 1)
  expect(outcome.error).toBe('NONE')
  expect([...applyAll(image, changes).brokers.keys()]).toEqual([1])
})

it('keeps one that runs, that has replicas, or that is not there', () => {
  const image = imageWith(registration(2), ...newTopic('orders'))
  expect(unregisterBroker(image, 1, 1).outcome.error).toBe('INVALID_REQUEST')
  expect(unregisterBroker(image, 1, 2).outcome).toMatchObject({
    error: 'INVALID_REQUEST',
    message: expect.stringContaining('orders'),
  })
  expect(unregisterBroker(image, 3, 1).outcome.error).toBe('BROKER_ID_NOT_REGISTERED')
})
