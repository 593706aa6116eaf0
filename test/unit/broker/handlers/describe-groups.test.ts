import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { GroupCoordinator } from '../../../../packages/broker/src/handlers/broker-parts.ts'
import { describeGroups } from '../../../../packages/broker/src/handlers/describe-groups.ts'
import type { RequestContext } from '../../../../packages/broker/src/handlers/handler.ts'
import { GroupShard } from '../../../support/group-shard.ts'
import { memoryBroker } from '../../../support/memory-broker.ts'
import { pureGroups, refusingGroups } from '../../../support/pure-groups.ts'

async function tell(groups: GroupCoordinator, authorize: RequestContext['authorize']) {
  const { broker, ask } = await memoryBroker({ topics: {}, authorize })
  Object.assign(broker, { groups })
  const request = { groups: ['a', 'nobody', 'a'], includeAuthorizedOperations: true }
  const answer = await ask(describeGroups, 6, request).answered
  return answer.groups.map(({ groupId, groupState, errorCode, authorizedOperations }) => [
    groupId,
    groupState,
    errorName(errorCode),
    authorizedOperations,
  ])
}

const NOT_SAID = -2_147_483_648

describe('DescribeGroups', () => {
  it('answers once for each group, in the order of the request, with what the client may do', async () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-0': 5 }, { groupId: 'a' })
    const a = ['a', 'Empty', 'NONE', 0b1_0000_1000]
    const mayRead = ['Read', 'Describe']
    expect(await tell(pureGroups(shard), operation => mayRead.includes(operation))).toEqual([
      a,
      ['nobody', 'Dead', 'GROUP_ID_NOT_FOUND', NOT_SAID],
    ])
  })

  it('tells nothing of groups that the client may not describe, or the coordinator refuses', async () => {
    const denied = await tell(pureGroups(new GroupShard()), () => false)
    expect(denied[0]).toEqual(['a', '', 'GROUP_AUTHORIZATION_FAILED', NOT_SAID])
    const refused = await tell(refusingGroups('NOT_COORDINATOR'), () => true)
    expect(refused[0]).toEqual(['a', '', 'NOT_COORDINATOR', NOT_SAID])
  })
})
