import { type ErrorName, errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { GroupCoordinator } from '../../../../packages/broker/src/handlers/broker-parts.ts'
import { heartbeat } from '../../../../packages/broker/src/handlers/heartbeat.ts'
import { ClassicShard, GROUP } from '../../../support/classic-shard.ts'
import { memoryBroker } from '../../../support/memory-broker.ts'
import { pureGroups, refusingGroups } from '../../../support/pure-groups.ts'

async function beat(groups: GroupCoordinator, memberId: string): Promise<ErrorName> {
  const { broker, ask } = await memoryBroker({ topics: {} })
  Object.assign(broker, { groups })
  const request = { groupId: GROUP, generationId: 1, memberId }
  return errorName((await ask(heartbeat, 4, request).answered).errorCode)
}

describe('Heartbeat', () => {
  it('tells a member whether it is one', async () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(1)
    expect(await beat(pureGroups(shard), memberIds[0] ?? '')).toBe('NONE')
    expect(await beat(pureGroups(shard), 'somebody')).toBe('UNKNOWN_MEMBER_ID')
  })

  it('believes a member while the group is being loaded, and passes other refusals on', async () => {
    expect(await beat(refusingGroups('COORDINATOR_LOAD_IN_PROGRESS'), 'm')).toBe('NONE')
    expect(await beat(refusingGroups('NOT_COORDINATOR'), 'm')).toBe('NOT_COORDINATOR')
  })

  it('asks for the permission to read the group', async () => {
    const { ask } = await memoryBroker({ topics: {}, authorize: () => false })
    const request = { groupId: GROUP, generationId: 1, memberId: 'm' }
    expect(errorName((await ask(heartbeat, 0, request).answered).errorCode)).toBe(
      'GROUP_AUTHORIZATION_FAILED',
    )
  })
})
