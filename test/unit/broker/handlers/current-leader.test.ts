import { expect, it } from 'vitest'
import {
  currentLeader,
  nodeEndpoints,
} from '../../../../packages/broker/src/handlers/current-leader.ts'
import type { RequestContext } from '../../../../packages/broker/src/handlers/handler.ts'
import { memoryBroker } from '../../../support/memory-broker.ts'

it('names the leader beside an error about leadership, and its address once (KIP-951)', async () => {
  const { broker } = await memoryBroker({ topics: { orders: 2 } })
  const topic = broker.metadata.image.topics.byName.get('orders')
  const leader = currentLeader('NOT_LEADER_OR_FOLLOWER', topic, 1)
  expect(leader).toEqual({ leaderId: 1, leaderEpoch: 3 })
  expect(currentLeader('CORRUPT_MESSAGE', topic, 1)).toBeUndefined()
  expect(currentLeader('FENCED_LEADER_EPOCH', topic, 9)).toBeUndefined()
  const context = { broker, connection: {} } as unknown as RequestContext
  expect(
    nodeEndpoints(
      context,
      [leader, leader].flatMap(found => found ?? []),
    ),
  ).toEqual([{ nodeId: 1, host: 'broker.example', port: 9092, rack: null }])
})
