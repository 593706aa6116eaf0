import { describe, expect, it } from 'vitest'
import {
  callerOf,
  callerWithFreshId,
} from '../../../../packages/broker/src/handlers/group-caller.ts'
import type { RequestContext } from '../../../../packages/broker/src/handlers/handler.ts'
import { memoryRandom } from '../../../../packages/broker/src/memory/random.ts'

const context = {
  apiVersion: 3,
  clientId: 'billing',
  connection: { remoteAddress: '10.0.0.7' },
  broker: { world: { random: memoryRandom(1) } },
} as unknown as RequestContext

describe('who asks the group coordinator', () => {
  it('is told as Kafka tells it', () => {
    expect(callerOf(context)).toEqual({
      apiVersion: 3,
      clientId: 'billing',
      clientHost: '/10.0.0.7',
      freshId: '',
    })
  })

  it('brings another uuid each time it needs one', () => {
    expect(callerWithFreshId(context).freshId).not.toBe(callerWithFreshId(context).freshId)
  })
})
