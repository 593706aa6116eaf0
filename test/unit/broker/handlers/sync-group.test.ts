import { errorCode } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { syncGroup } from '../../../../packages/broker/src/handlers/sync-group.ts'
import { ClassicShard, GROUP } from '../../../support/classic-shard.ts'
import { memoryBroker } from '../../../support/memory-broker.ts'
import { pureGroups, refusingGroups } from '../../../support/pure-groups.ts'

describe('SyncGroup', () => {
  it('gives the assignment that the leader brings', async () => {
    const shard = new ClassicShard()
    const { broker, ask } = await memoryBroker({ topics: {} })
    Object.assign(broker, { groups: pureGroups(shard) })
    const { memberId } = shard.joinTwice()
    const answer = await ask(syncGroup, 5, {
      groupId: GROUP,
      generationId: 1,
      memberId,
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: [{ memberId, assignment: Buffer.from('all') }],
    }).answered
    expect(answer).toMatchObject({ errorCode: 0, protocolName: 'range' })
    expect(Buffer.from(answer.assignment).toString()).toBe('all')
  })

  it('asks for the permission to read the group, and says what the coordinator refuses', async () => {
    const request = { groupId: GROUP, generationId: 1, memberId: 'm', assignments: [] }
    const denied = await memoryBroker({ topics: {}, authorize: () => false })
    expect((await denied.ask(syncGroup, 0, request).answered).errorCode).toBe(
      errorCode('GROUP_AUTHORIZATION_FAILED'),
    )
    const { broker, ask } = await memoryBroker({ topics: {} })
    Object.assign(broker, { groups: refusingGroups('COORDINATOR_LOAD_IN_PROGRESS') })
    expect((await ask(syncGroup, 0, request).answered).errorCode).toBe(
      errorCode('COORDINATOR_LOAD_IN_PROGRESS'),
    )
  })
})
