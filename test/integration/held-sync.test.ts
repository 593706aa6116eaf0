/** Two decisions of the group coordinator inside one sync that is held back: the second sees the first, and nobody hears of either before the disk has both. */
import {
  type Api,
  ConsumerGroupHeartbeat,
  CreateTopics,
  errorName,
  JoinGroup,
  OffsetCommit,
  OffsetFetch,
  type RequestInput,
  type ResponseOf,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { type BrokerOn, brokerOn } from '../support/broker-on.ts'
import { DiskImage } from '../support/disk-image.ts'
import { GatedDisk } from '../support/gated-disk.ts'
import { settle } from '../support/journal-world.ts'
import { ModelDisk } from '../support/model-disk.ts'
import { RawConnection } from '../support/raw-connection.ts'

const GROUP = 'billing'

interface Held {
  readonly broker: BrokerOn
  readonly disk: GatedDisk
  readonly connections: readonly [RawConnection, RawConnection]
  /** Names of the requests that were answered, in that order. */
  readonly answered: string[]
  ask<A extends Api>(
    name: string,
    by: 0 | 1,
    asked: { readonly api: A; readonly version: number; readonly request: RequestInput<A> },
  ): Promise<ResponseOf<A>>
}

/** A broker with a topic of two partitions, a folder for the group's records, and a disk whose gate is open. */
async function held(): Promise<Held> {
  const disk = new GatedDisk(new ModelDisk(new DiskImage()))
  const broker = await brokerOn(disk)
  const connections = [await RawConnection.open(broker), await RawConnection.open(broker)] as const
  const topic = { name: 'orders', numPartitions: 2, replicationFactor: 1 }
  await connections[0].request(CreateTopics, 5, {
    topics: [{ ...topic, assignments: [], configs: [] }],
    timeoutMs: 1000,
    validateOnly: false,
  })
  const answered: string[] = []
  const ask: Held['ask'] = (name, by, { api, version, request }) => {
    connections[by].send(api, version, request)
    return connections[by].next(api, version).then(response => {
      answered.push(name)
      return response
    })
  }
  await ask('first', 0, commit(1))
  answered.length = 0
  return { broker, disk, connections, answered, ask }
}

async function close({ broker, connections }: Held): Promise<void> {
  for (const connection of connections) await connection[Symbol.asyncDispose]()
  await broker[Symbol.asyncDispose]()
}

/** Lets everything happen that the disk does not hold up. */
async function rest({ disk }: Held): Promise<void> {
  while (disk.waiting === 0) await settle()
  for (let turn = 0; turn < 20; turn += 1) await settle()
}

const commit = (offset: number, member = { memberId: '', generationIdOrMemberEpoch: -1 }) => {
  const partition = { partitionIndex: 0, committedOffset: offset, committedMetadata: null }
  const request = {
    groupId: GROUP,
    ...member,
    topics: [{ name: 'orders', partitions: [partition] }],
  }
  return { api: OffsetCommit, version: 9, request }
}

const heartbeat = (memberId: string, memberEpoch = 0) => ({
  api: ConsumerGroupHeartbeat,
  version: 1,
  request: {
    groupId: GROUP,
    memberId,
    memberEpoch,
    instanceId: null,
    rackId: null,
    rebalanceTimeoutMs: 60_000,
    subscribedTopicNames: ['orders'],
    subscribedTopicRegex: null,
    serverAssignor: null,
    topicPartitions: [],
  },
})

const join = (memberId: string, groupInstanceId: string) => ({
  api: JoinGroup,
  version: 5,
  request: {
    groupId: GROUP,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
    memberId,
    groupInstanceId,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.from('all') }],
  },
})

describe('while a sync is held back', () => {
  it('one of two joins sees the other: they end up in one generation', async () => {
    const all = await held()
    all.disk.close()
    // Something that is not durable yet is what every later answer waits for.
    const committed = all.ask('commit', 0, commit(2))
    const first = all.ask('first join', 0, join('', 'one'))
    await rest(all)
    const second = all.ask('second join', 1, join('', 'two'))
    await rest(all)
    expect(all.answered).toEqual([])
    all.disk.release()
    expect((await committed).topics[0]?.partitions[0]?.errorCode).toBe(0)
    const { generationId, memberId } = await first
    expect(generationId).toBe(1)
    // The second made a new round: the first joins it and leads.
    const again = await all.ask('first join again', 0, join(memberId, 'one'))
    const other = await second
    expect([again.generationId, other.generationId]).toEqual([2, 2])
    expect(again.leader).toBe(other.leader)
    expect(again.members.map(one => one.groupInstanceId).sort()).toEqual(['one', 'two'])
    await close(all)
  })

  it('one of two members sees the other: no partition goes to both (KIP-848)', async () => {
    const all = await held()
    all.disk.close()
    const first = all.ask('first', 0, heartbeat('a'))
    await rest(all)
    const second = all.ask('second', 1, heartbeat('b'))
    await rest(all)
    expect(all.answered).toEqual([])
    all.disk.release()
    const [one, two] = [await first, await second]
    expect([one.errorCode, two.errorCode]).toEqual([0, 0])
    expect([one.memberEpoch, two.memberEpoch]).toEqual([1, 2])
    const has = [one, two].map(response =>
      (response.assignment?.topicPartitions ?? []).flatMap(({ partitions }) => [...partitions]),
    )
    expect(has).toEqual([[0, 1], []])
    await close(all)
  })

  it('one of two commits sees the other: the later counts, and a read sees neither early', async () => {
    const all = await held()
    all.disk.close()
    const first = all.ask('first commit', 0, commit(2))
    const second = all.ask('second commit', 1, commit(3))
    await rest(all)
    const topics = [{ name: 'orders', partitionIndexes: [0] }]
    const request = { groupId: GROUP, topics, requireStable: false }
    const read = all.ask('read', 0, { api: OffsetFetch, version: 7, request })
    await rest(all)
    expect(all.answered).toEqual([])
    all.disk.release()
    for (const { topics } of [await first, await second])
      expect(errorName(topics[0]?.partitions[0]?.errorCode ?? -1)).toBe('NONE')
    expect((await read).topics[0]?.partitions[0]?.committedOffset).toBe(3)
    await close(all)
  })

  it('a member that left in it commits no more', async () => {
    const all = await held()
    const { memberEpoch } = await all.ask('joins', 0, heartbeat('a'))
    all.answered.length = 0
    all.disk.close()
    const left = all.ask('leaves', 0, heartbeat('a', -1))
    const member = { memberId: 'a', generationIdOrMemberEpoch: memberEpoch }
    await rest(all)
    const committed = all.ask('commit', 1, commit(9, member))
    await rest(all)
    expect(all.answered).toEqual([])
    all.disk.release()
    expect((await left).errorCode).toBe(0)
    const { topics } = await committed
    expect(errorName(topics[0]?.partitions[0]?.errorCode ?? -1)).toBe('UNKNOWN_MEMBER_ID')
    await close(all)
  })
})
