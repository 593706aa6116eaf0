import { type ErrorName, errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { GroupCoordinator } from '../../../../packages/broker/src/handlers/broker-parts.ts'
import type { RequestContext } from '../../../../packages/broker/src/handlers/handler.ts'
import { listGroups } from '../../../../packages/broker/src/handlers/list-groups.ts'
import { GroupShard } from '../../../support/group-shard.ts'
import { memoryBroker } from '../../../support/memory-broker.ts'
import { pureGroups, refusingGroups } from '../../../support/pure-groups.ts'

async function list(groups: GroupCoordinator, authorize: RequestContext['authorize']) {
  const { broker, ask } = await memoryBroker({ topics: {}, authorize })
  Object.assign(broker, { groups })
  const answer = await ask(listGroups, 5, {}).answered
  return { error: errorName(answer.errorCode), ids: answer.groups.map(({ groupId }) => groupId) }
}

function shardOfTwo(): GroupShard {
  const shard = new GroupShard()
  for (const groupId of ['a', 'b']) shard.commit({ 'orders-0': 5 }, { groupId })
  return shard
}

/** Two shards, of which one refuses. */
const halfRefusing = (error: ErrorName): GroupCoordinator => ({
  ...refusingGroups(error),
  askAll: async question => [
    ...(await pureGroups(shardOfTwo()).askAll(question)),
    question.refuse(error),
  ],
})

describe('ListGroups', () => {
  it('lists all groups to whoever may describe the cluster, and to others those they may describe', async () => {
    const groups = pureGroups(shardOfTwo())
    expect(await list(groups, (_operation, type) => type === 'Cluster')).toEqual({
      error: 'NONE',
      ids: ['a', 'b'],
    })
    expect(await list(groups, (_operation, _type, name) => name === 'b')).toEqual({
      error: 'NONE',
      ids: ['b'],
    })
  })

  it('lists nothing while some groups are being loaded: half a list would look whole', async () => {
    const loading = halfRefusing('COORDINATOR_LOAD_IN_PROGRESS')
    expect(await list(loading, () => true)).toEqual({
      error: 'COORDINATOR_LOAD_IN_PROGRESS',
      ids: [],
    })
  })

  it('leaves groups to the broker that they have gone to', async () => {
    const gone = halfRefusing('NOT_COORDINATOR')
    expect(await list(gone, () => true)).toEqual({ error: 'NONE', ids: ['a', 'b'] })
  })
})
