/** Committed offsets through a whole broker: they survive its crash, and go with their topic. */
import {
  CreateTopics,
  DeleteGroups,
  DeleteTopics,
  ListGroups,
  OffsetCommit,
  OffsetFetch,
  ZERO_UUID,
} from '@varve/protocol'
import { expect, it } from 'vitest'
import { MemoryDisk } from '../../packages/broker/src/memory/disk.ts'
import { type BrokerOn, brokerOn } from '../support/broker-on.ts'
import { RawConnection } from '../support/raw-connection.ts'

const newDisk = (): MemoryDisk => new MemoryDisk({ now: Date.now, capacityBytes: 2 ** 34 })

async function makeTopic(connection: RawConnection, name: string): Promise<void> {
  const partitions = { numPartitions: 1, replicationFactor: 1, assignments: [] }
  const topics = [{ name, ...partitions, configs: [] }]
  await connection.request(CreateTopics, 7, { topics, timeoutMs: 5000, validateOnly: false })
}

async function commit(connection: RawConnection, groupId: string, topic: string, offset: number) {
  const partition = { partitionIndex: 0, committedOffset: offset, committedMetadata: null }
  const topics = [{ name: topic, partitions: [partition] }]
  const answer = await connection.request(OffsetCommit, 9, { groupId, topics })
  return answer.topics[0]?.partitions[0]?.errorCode
}

/** The committed offset in partition 0 of each topic; asked again while the broker is still reading its log. */
async function committed(connection: RawConnection, groupId: string) {
  for (;;) {
    const answer = await connection.request(OffsetFetch, 8, { groups: [{ groupId, topics: null }] })
    const group = answer.groups[0]
    if (group?.errorCode === 14) continue
    expect(group?.errorCode).toBe(0)
    return Object.fromEntries(
      (group?.topics ?? []).map(({ name, partitions }) => [name, partitions[0]?.committedOffset]),
    )
  }
}

async function crashed(broker: BrokerOn, disk: MemoryDisk): Promise<BrokerOn> {
  await broker.broker.abort(new Error('the broker is to crash'))
  return await brokerOn(disk)
}

it('keeps what was committed, and what was deleted, through a crash', async () => {
  const disk = newDisk()
  const first = await brokerOn(disk)
  {
    await using connection = await RawConnection.open(first)
    await makeTopic(connection, 'orders')
    for (let offset = 0; offset < 50; offset++) {
      expect(await commit(connection, 'readers', 'orders', offset)).toBe(0)
      expect(await commit(connection, `group ${offset % 7}`, 'orders', offset)).toBe(0)
    }
    await connection.request(DeleteGroups, 2, { groupsNames: ['group 3'] })
  }
  await using broker = await crashed(first, disk)
  await using connection = await RawConnection.open(broker)
  expect(await committed(connection, 'readers')).toEqual({ orders: 49 })
  expect(await committed(connection, 'group 0')).toEqual({ orders: 49 })
  expect(await committed(connection, 'group 6')).toEqual({ orders: 48 })
  expect(await committed(connection, 'group 3')).toEqual({})
  const listed = await connection.request(ListGroups, 5, {})
  expect(listed.groups.map(({ groupId }) => groupId).toSorted()).toEqual(
    [0, 1, 2, 4, 5, 6].map(index => `group ${index}`).concat('readers'),
  )
})

it('forgets the offsets of a deleted topic, so that a new one of the name is read from its start', async () => {
  const disk = newDisk()
  const first = await brokerOn(disk)
  {
    await using connection = await RawConnection.open(first)
    await makeTopic(connection, 'orders')
    await makeTopic(connection, 'other')
    await commit(connection, 'readers', 'orders', 7)
    await commit(connection, 'readers', 'other', 8)
    const topics = [{ name: 'orders', topicId: ZERO_UUID }]
    await connection.request(DeleteTopics, 6, { topics, timeoutMs: 5000 })
    await makeTopic(connection, 'orders')
    expect(await committed(connection, 'readers')).toEqual({ other: 8 })
  }
  await using broker = await crashed(first, disk)
  await using connection = await RawConnection.open(broker)
  expect(await committed(connection, 'readers')).toEqual({ other: 8 })
})
