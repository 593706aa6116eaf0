import { LeaveGroup } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { groupConsumer } from '../../../support/group-consumer.ts'

describe('the requests of a classic member', () => {
  it('name the member in the way of an old broker when it leaves one', async () => {
    const { cluster, next, consumer, clock } = groupConsumer()
    cluster.versions.set(LeaveGroup.key, [0, 2])
    cluster.always(LeaveGroup, () => ({ errorCode: 0, members: [] }))
    await next()
    void consumer.close()
    await clock.advance(100)
    expect(cluster.requestsOf(LeaveGroup)).toMatchObject([{ memberId: 'member-1' }])
  })

  it('carry a reason that is cut where Kafka would refuse it', async () => {
    const name = 't'.repeat(249)
    const { cluster, group, next } = groupConsumer({ options: { topics: [name] } })
    cluster.addTopic(name, 1)
    await next()
    cluster.addPartition(name)
    await next(305_000)
    expect(group.joins.at(-1)?.reason).toBe(`topic ${name}`)
  })
})
