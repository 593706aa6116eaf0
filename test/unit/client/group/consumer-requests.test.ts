import { describe, expect, it } from 'vitest'
import { consumerGroupConsumer } from '../../../support/group-consumer.ts'

describe('the heartbeat of a KIP-848 member', () => {
  it('leaves out what the member has no wish about', async () => {
    const { group, next } = consumerGroupConsumer()
    await next(50)
    expect(group.heartbeats[0]).toMatchObject({
      instanceId: null,
      rackId: null,
      serverAssignor: null,
      subscribedTopicRegex: null,
    })
  })
})
