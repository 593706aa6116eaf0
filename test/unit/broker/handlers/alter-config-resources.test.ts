import { errorName } from '@varve/protocol'
import { expect, it } from 'vitest'
import { alterConfigResources } from '../../../../packages/broker/src/handlers/alter-config-resources.ts'
import type { RequestContext } from '../../../../packages/broker/src/handlers/handler.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

it('answers each resource for itself, in order', async () => {
  const { parts } = await adminBroker()
  const context = { broker: parts, authorize: () => true } as unknown as RequestContext
  const resource = (name: string) => ({
    resourceType: 4,
    resourceName: '1',
    others: 'keep' as const,
    alterations: [{ name, operation: 'set' as const, value: '5' }],
  })
  const answers = await alterConfigResources(
    context,
    [{ ...resource('nope'), resourceName: '' }, resource('max.connections')],
    'apply',
  )
  expect(
    answers.map(({ resourceName, errorCode }) => [resourceName, errorName(errorCode)]),
  ).toEqual([
    ['', 'INVALID_CONFIG'],
    ['1', 'NONE'],
  ])
  expect(parts.settings.int('max.connections')).toBe(5)
})
