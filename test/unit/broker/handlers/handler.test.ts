import { ApiVersions } from '@varve/protocol'
import { expect, it } from 'vitest'
import { handler } from '../../../../packages/broker/src/handlers/handler.ts'

it('puts an API, what it asks permission for, and what answers it together', () => {
  const handle = () => undefined
  expect(handler(ApiVersions, ['Describe Cluster'], handle)).toEqual({
    api: ApiVersions,
    authorization: ['Describe Cluster'],
    handle,
  })
})
