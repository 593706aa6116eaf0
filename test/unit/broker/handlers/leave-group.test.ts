import { errorCode } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { leaveGroup } from '../../../../packages/broker/src/handlers/leave-group.ts'
import { ClassicShard, GROUP } from '../../../support/classic-shard.ts'
import { memoryBroker } from '../../../support/memory-broker.ts'
import { pureGroups } from '../../../support/pure-groups.ts'

describe('LeaveGroup', () => {
  it('takes out one member before version 3, and several with an error each from then on', async () => {
    const shard = new ClassicShard()
    const { memberIds } = shard.stable(2)
    const [one = '', other = ''] = memberIds
    const { broker, ask } = await memoryBroker({ topics: {} })
    Object.assign(broker, { groups: pureGroups(shard) })
    expect(await ask(leaveGroup, 2, { groupId: GROUP, memberId: one }).answered).toMatchObject({
      errorCode: 0,
    })
    const members = [{ memberId: one }, { memberId: other, reason: 'the consumer was closed' }]
    expect(await ask(leaveGroup, 5, { groupId: GROUP, members }).answered).toMatchObject({
      errorCode: 0,
      members: [
        { memberId: one, errorCode: errorCode('UNKNOWN_MEMBER_ID') },
        { memberId: other, errorCode: 0 },
      ],
    })
    expect(shard.group()?.state).toBe('Empty')
  })

  it('asks for the permission to read the group', async () => {
    const { ask } = await memoryBroker({ topics: {}, authorize: () => false })
    const answer = await ask(leaveGroup, 0, { groupId: GROUP, memberId: 'm' }).answered
    expect(answer.errorCode).toBe(errorCode('GROUP_AUTHORIZATION_FAILED'))
  })
})
