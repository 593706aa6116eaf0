/** The group coordinator behind a socket: what a held-back disk, a stop and a crash do to those who wait for it. */
import {
  CreateTopics,
  errorName,
  Fetch,
  FindCoordinator,
  JoinGroup,
  OffsetCommit,
  OffsetFetch,
  SyncGroup,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { type BrokerOn, brokerOn, DATA_FOLDER } from '../support/broker-on.ts'
import { DiskImage } from '../support/disk-image.ts'
import { GatedDisk } from '../support/gated-disk.ts'
import { settle } from '../support/journal-world.ts'
import { ModelDisk } from '../support/model-disk.ts'
import { RawConnection } from '../support/raw-connection.ts'

const GROUP = 'billing'

const commit = (offset: number, groupId = GROUP) => ({
  groupId,
  generationIdOrMemberEpoch: -1,
  memberId: '',
  topics: [
    {
      name: 'orders',
      partitions: [{ partitionIndex: 0, committedOffset: offset, committedMetadata: null }],
    },
  ],
})
const fetch = {
  groupId: GROUP,
  topics: [{ name: 'orders', partitionIndexes: [0] }],
  requireStable: false,
}

async function makeTopic(connection: RawConnection): Promise<void> {
  await connection.request(CreateTopics, 5, {
    topics: [
      { name: 'orders', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
    ],
    timeoutMs: 1000,
    validateOnly: false,
  })
}

const join = (memberId: string) => ({
  groupId: GROUP,
  sessionTimeoutMs: 30_000,
  rebalanceTimeoutMs: 300_000,
  memberId,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
})

/** A member that is all its group, and has its assignment. */
async function settled(connection: RawConnection): Promise<string> {
  const { memberId, generationId, errorCode } = await connection.request(JoinGroup, 3, join(''))
  expect(errorName(errorCode)).toBe('NONE')
  await connection.request(SyncGroup, 1, {
    groupId: GROUP,
    generationId,
    memberId,
    assignments: [{ memberId, assignment: Buffer.from('all') }],
  })
  return memberId
}

const openOn = async (broker: BrokerOn) => await RawConnection.open(broker)

describe('the group coordinator of a broker', () => {
  it('commits one behind the other within one sync, and tells nobody before it is over', async () => {
    const disk = new GatedDisk(new ModelDisk(new DiskImage()))
    await using broker = await brokerOn(disk)
    await using first = await openOn(broker)
    await using second = await openOn(broker)
    await makeTopic(first)
    await first.request(OffsetCommit, 7, commit(1))
    disk.close()
    const answered: string[] = []
    first.send(OffsetCommit, 7, commit(2))
    first.send(OffsetCommit, 7, commit(3))
    const commits = [1, 2].map(() =>
      first.next(OffsetCommit, 7).then(({ topics }) => {
        answered.push('commit')
        return errorName(topics[0]?.partitions[0]?.errorCode ?? -1)
      }),
    )
    while (disk.waiting === 0) await settle()
    second.send(OffsetFetch, 7, fetch)
    const fetched = second.next(OffsetFetch, 7).then(({ topics }) => {
      answered.push('fetch')
      return topics[0]?.partitions[0]?.committedOffset
    })
    await using third = await openOn(broker)
    await third.request(FindCoordinator, 3, { key: GROUP, keyType: 0 })
    await settle()
    expect(answered).toEqual([])
    disk.release()
    expect([await Promise.all(commits), await fetched]).toEqual([['NONE', 'NONE'], 3])
  })

  it('has after a power cut what it answered, and again no folder for what was never used', async () => {
    const disk = new ModelDisk(new DiskImage())
    const before = await brokerOn(disk)
    {
      await using connection = await openOn(before)
      await makeTopic(connection)
      await connection.request(OffsetCommit, 7, commit(5))
    }
    const image = disk.imageAfter(disk.operations.length, () => 'lost')
    await before.broker.stop()
    const crashed = new ModelDisk(image)
    await using broker = await brokerOn(crashed)
    await using connection = await openOn(broker)
    let error = 'COORDINATOR_LOAD_IN_PROGRESS'
    let offset: number | undefined
    while (error === 'COORDINATOR_LOAD_IN_PROGRESS') {
      const { errorCode, topics } = await connection.request(OffsetFetch, 7, fetch)
      error = errorName(errorCode)
      offset = topics[0]?.partitions[0]?.committedOffset
    }
    expect([error, offset]).toEqual(['NONE', 5])
    const names = ((await crashed.list(DATA_FOLDER)) ?? []).map(({ name }) => name)
    expect(names.filter(name => name.startsWith('__consumer_offsets'))).toHaveLength(1)
  })

  it('does not hold up a stop with members who wait for others', async () => {
    const broker = await brokerOn(new ModelDisk(new DiskImage()))
    await using first = await openOn(broker)
    await using second = await openOn(broker)
    await settled(first)
    second.send(JoinGroup, 3, join(''))
    const parked = second.next(JoinGroup, 3)
    // It has arrived when one behind it is answered on another connection.
    await using third = await openOn(broker)
    await third.request(FindCoordinator, 3, { key: GROUP, keyType: 0 })
    const began = performance.now()
    await broker.broker.stop()
    expect(performance.now() - began).toBeLessThan(3_000)
    expect(errorName((await parked).errorCode)).toBe('NOT_COORDINATOR')
  })

  it('keeps its records where any consumer can read them', async () => {
    await using broker = await brokerOn(new ModelDisk(new DiskImage()), {
      'offsets.topic.num.partitions': '1',
    })
    await using connection = await openOn(broker)
    await makeTopic(connection)
    await connection.request(OffsetCommit, 7, commit(5))
    const { responses } = await connection.request(Fetch, 11, {
      maxWaitMs: 100,
      minBytes: 1,
      maxBytes: 1_000_000,
      isolationLevel: 0,
      sessionEpoch: -1,
      topics: [
        {
          topic: '__consumer_offsets',
          partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }],
        },
      ],
      forgottenTopicsData: [],
    })
    expect(responses[0]?.partitions[0]).toMatchObject({ errorCode: 0, highWatermark: 1 })
  })

  it('does not answer a commit that the disk has lost', async () => {
    const model = new ModelDisk(new DiskImage())
    const disk = new GatedDisk(model)
    const broker = await brokerOn(disk)
    await using connection = await openOn(broker)
    await makeTopic(connection)
    await connection.request(OffsetCommit, 7, commit(1))
    disk.close()
    connection.send(OffsetCommit, 7, commit(2))
    while (disk.waiting === 0) await settle()
    model.fault = call => (call === 'sync' ? 'EIO' : undefined)
    disk.release()
    const reason = await broker.failed
    expect(reason.message).toMatch(/could not sync .*EIO/)
    const { topics } = await connection.next(OffsetCommit, 7)
    expect(errorName(topics[0]?.partitions[0]?.errorCode ?? -1)).toBe('NOT_COORDINATOR')
    model.fault = () => undefined
    await broker[Symbol.asyncDispose]()
  })
})
