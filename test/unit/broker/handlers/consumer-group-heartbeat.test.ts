import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { GroupCoordinator } from '../../../../packages/broker/src/handlers/broker-parts.ts'
import { consumerGroupHeartbeat } from '../../../../packages/broker/src/handlers/consumer-group-heartbeat.ts'
import type { RequestContext } from '../../../../packages/broker/src/handlers/handler.ts'
import {
  consumerGroupOf,
  consumerShard,
  GROUP,
  joining,
  named,
} from '../../../support/consumer-shard.ts'
import { memoryBroker } from '../../../support/memory-broker.ts'
import { imageWith, newTopic } from '../../../support/metadata-image.ts'
import { pureGroups, refusingGroups } from '../../../support/pure-groups.ts'

const newShard = () => consumerShard(imageWith(...newTopic('orders', 2), ...newTopic('users', 1)))

interface Telling {
  readonly groups?: GroupCoordinator
  /** What may be done, as `Read Group billing`; everything, if left out. */
  readonly allowed?: readonly string[]
  readonly apiVersion?: number
  readonly groupVersion?: number
}

/** A broker that answers heartbeats. */
async function serving(telling: Telling = {}) {
  const { groups = pureGroups(newShard()), allowed, apiVersion = 1, groupVersion = 1 } = telling
  const authorize: RequestContext['authorize'] = (operation, type, name) =>
    allowed?.includes(`${operation} ${type} ${name}`) ?? true
  const { broker, ask } = await memoryBroker({ topics: {}, authorize })
  const features = new Map([['group.version', groupVersion]])
  const metadata = { ...broker.metadata, image: { ...broker.metadata.image, features } }
  Object.assign(broker, { groups, metadata })
  return async (request: ReturnType<typeof joining>) => {
    const told = await ask(consumerGroupHeartbeat, apiVersion, request).answered
    return { ...told, error: errorName(told.errorCode) }
  }
}

const tell = async (request: ReturnType<typeof joining>, telling: Telling = {}) =>
  (await serving(telling))(request)

describe('ConsumerGroupHeartbeat', () => {
  it('gives a member its assignment', async () => {
    const told = await tell(joining('a', ['orders']))
    expect(told).toMatchObject({ error: 'NONE', memberId: 'a', memberEpoch: 1 })
    expect(named(told.assignment?.topicPartitions)).toEqual(['orders-0', 'orders-1'])
  })

  it('makes up a new id for each member that joins without one, in version 0', async () => {
    const shard = newShard()
    const beat = await serving({ groups: pureGroups(shard), apiVersion: 0 })
    const first = await beat(joining('', ['orders']))
    const second = await beat(joining('', ['orders']))
    expect([first.error, second.error]).toEqual(['NONE', 'NONE'])
    expect([...consumerGroupOf(shard).members.keys()]).toEqual([first.memberId, second.memberId])
  })

  it('remembers where the member came from', async () => {
    const shard = newShard()
    await tell(joining('a', ['orders']), { groups: pureGroups(shard) })
    expect(consumerGroupOf(shard).members.get('a')).toMatchObject({
      clientId: 'test',
      clientHost: '/127.0.0.1',
    })
  })

  it('says so when consumer groups are switched off', async () => {
    const told = await tell(joining('a', ['orders']), { groupVersion: 0 })
    expect(told).toMatchObject({ error: 'UNSUPPORTED_VERSION', memberEpoch: 0, assignment: null })
    expect(told.errorMessage).toContain('switched off')
  })

  it('passes on why the coordinator cannot answer', async () => {
    const groups = refusingGroups('NOT_COORDINATOR')
    const told = await tell(joining('a', ['orders']), { groups })
    expect(told).toMatchObject({ error: 'NOT_COORDINATOR', memberId: null })
  })
})

describe('the permissions of a heartbeat', () => {
  const read = `Read Group ${GROUP}`
  const orders = 'Describe Topic orders'

  it.each([
    ['to read the group', ['Describe Topic orders'], 'GROUP_AUTHORIZATION_FAILED'],
    ['to describe every topic that it names', [read, orders], 'TOPIC_AUTHORIZATION_FAILED'],
    ['and no other', [read, orders, 'Describe Topic users'], 'NONE'],
  ])('have to be there %s', async (_title, allowed, error) => {
    const shard = newShard()
    const asked = joining('a', ['orders', 'users'])
    const told = await tell(asked, { allowed, groups: pureGroups(shard) })
    expect(told.error).toBe(error)
    expect(shard.records.length > 0).toBe(error === 'NONE')
  })

  it('say what an expression matches, and nothing of the rest', async () => {
    const changes = { subscribedTopicNames: null, subscribedTopicRegex: '.*' }
    const told = await tell(joining('a', [], changes), { allowed: [read, orders] })
    expect(told.error).toBe('NONE')
    expect(named(told.assignment?.topicPartitions)).toEqual(['orders-0', 'orders-1'])
  })
})
