import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { GroupCoordinator } from '../../../../packages/broker/src/handlers/broker-parts.ts'
import { deleteGroups } from '../../../../packages/broker/src/handlers/delete-groups.ts'
import type { RequestContext } from '../../../../packages/broker/src/handlers/handler.ts'
import { GroupShard } from '../../../support/group-shard.ts'
import { memoryBroker } from '../../../support/memory-broker.ts'
import { pureGroups, refusingGroups } from '../../../support/pure-groups.ts'

async function remove(groups: GroupCoordinator, authorize: RequestContext['authorize']) {
  const { broker, ask } = await memoryBroker({ topics: {}, authorize })
  Object.assign(broker, { groups })
  const groupsNames = ['a', 'nobody', 'a', 'b']
  const answer = await ask(deleteGroups, 2, { groupsNames }).answered
  return answer.results.map(({ groupId, errorCode }) => [groupId, errorName(errorCode)])
}

describe('DeleteGroups', () => {
  it('deletes what the client may delete, and answers each group once', async () => {
    const shard = new GroupShard()
    for (const groupId of ['a', 'b']) shard.commit({ 'orders-0': 5 }, { groupId })
    const authorize: RequestContext['authorize'] = (_operation, _type, name) => name !== 'b'
    expect(await remove(pureGroups(shard), authorize)).toEqual([
      ['a', 'NONE'],
      ['nobody', 'GROUP_ID_NOT_FOUND'],
      ['b', 'GROUP_AUTHORIZATION_FAILED'],
    ])
    expect([...shard.state.offsets.keys()]).toEqual(['b'])
  })

  it('deletes many in portions, so that others have their turn', async () => {
    const { broker, ask } = await memoryBroker({ topics: {} })
    const waiting: ((error: 'NONE') => void)[] = []
    const groups = { ask: () => new Promise(resolve => void waiting.push(resolve)) }
    Object.assign(broker, { groups })
    const groupsNames = Array.from({ length: 300 }, (_, place) => `group-${place}`)
    const { answered } = ask(deleteGroups, 2, { groupsNames })
    const portions: number[] = []
    while (portions.length < 3) {
      await new Promise(resolve => void setImmediate(resolve))
      portions.push(waiting.length)
      for (const resolve of waiting.splice(0)) resolve('NONE')
    }
    expect(portions).toEqual([128, 128, 44])
    expect((await answered).results.map(({ groupId }) => groupId)).toEqual(groupsNames)
  })

  it('passes on that the coordinator refuses', async () => {
    const results = await remove(refusingGroups('NOT_COORDINATOR'), () => true)
    expect(results[0]).toEqual(['a', 'NOT_COORDINATOR'])
  })
})
