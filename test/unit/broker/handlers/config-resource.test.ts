import { expect, it } from 'vitest'
import {
  configAuthorizationError,
  resourceKey,
} from '../../../../packages/broker/src/handlers/config-resource.ts'
import type { RequestContext } from '../../../../packages/broker/src/handlers/handler.ts'

it('asks for the permission of the kind of resource', () => {
  const asked: string[] = []
  const context = {
    authorize: (...permission: string[]) => {
      asked.push(permission.join(' '))
      return false
    },
  } as unknown as RequestContext
  const errors = [2, 4, 32].map(resourceType =>
    configAuthorizationError(context, 'AlterConfigs', { resourceType, resourceName: 'x' }),
  )
  expect(errors).toEqual([
    'TOPIC_AUTHORIZATION_FAILED',
    'CLUSTER_AUTHORIZATION_FAILED',
    'GROUP_AUTHORIZATION_FAILED',
  ])
  expect(asked).toEqual([
    'AlterConfigs Topic x',
    'AlterConfigs Cluster kafka-cluster',
    'AlterConfigs Group x',
  ])
})

it('tells resources of one name apart by their type', () => {
  expect(resourceKey({ resourceType: 2, resourceName: '1' })).not.toBe(
    resourceKey({ resourceType: 4, resourceName: '1' }),
  )
})
