import { FindCoordinator, OffsetCommit, OffsetDelete, OffsetFetch } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Admin } from '../../../../packages/client/src/admin/admin.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'

function administering() {
  const fake = new FakeCluster()
  fake.always(FindCoordinator, ({ coordinatorKeys }) => ({
    coordinators: coordinatorKeys.map(key => ({
      key,
      nodeId: 1,
      host: 'broker-1',
      port: 9092,
      errorCode: 0,
      errorMessage: null,
    })),
  }))
  return { fake, clock: fake.platform.clock, admin: new Admin(settingsFor(fake), {}) }
}

const committed = (partitionIndex: number, committedOffset: number, errorCode = 0) => ({
  partitionIndex,
  committedOffset,
  committedLeaderEpoch: 4,
  metadata: 'm',
  errorCode,
})

describe('groupOffsets', () => {
  it('asks for several groups at once, by the names of topics, all or some of their partitions', async () => {
    const { fake, clock, admin } = administering()
    fake.next(OffsetFetch, ({ groups }) => ({
      groups: [...groups].reverse().map(({ groupId }) => ({
        groupId,
        topics:
          groupId === 'a'
            ? [
                { name: 'y', partitions: [committed(0, 3)] },
                { name: 'x', partitions: [committed(2, 7), committed(1, -1)] },
              ]
            : [],
        errorCode: groupId === 'c' ? 30 : 0,
      })),
    }))
    const found = watch(
      admin.groupOffsets([
        { groupId: 'a' },
        { groupId: 'b', partitions: [{ topic: 'x', partition: 1 }] },
        { groupId: 'c' },
      ]),
    )
    await clock.settle()
    const [a, b, c] = found.value()
    expect(a?.offsets).toEqual([
      { topic: 'x', partition: 1, offset: -1, leaderEpoch: 4, metadata: 'm', error: undefined },
      { topic: 'x', partition: 2, offset: 7, leaderEpoch: 4, metadata: 'm', error: undefined },
      { topic: 'y', partition: 0, offset: 3, leaderEpoch: 4, metadata: 'm', error: undefined },
    ])
    expect([a?.error, b]).toEqual([undefined, { groupId: 'b', offsets: [], error: undefined }])
    expect(c?.error?.code).toBe('GROUP_AUTHORIZATION_FAILED')
    expect(fake.requests.at(-1)).toMatchObject({
      version: 9,
      request: {
        requireStable: false,
        groups: [
          { groupId: 'a', topics: null },
          { groupId: 'b', topics: [{ name: 'x', partitionIndexes: [1] }] },
          { groupId: 'c', topics: null },
        ],
      },
    })
  })

  it('asks an old broker group by group, and tells what it cannot do', async () => {
    const { fake, clock } = administering()
    fake.versions.set(OffsetFetch.key, [1, 5])
    fake.always(OffsetFetch, () => ({
      topics: [{ name: 'x', partitions: [committed(0, 1)] }],
      errorCode: 0,
    }))
    const admin = new Admin(settingsFor(fake), {})
    const found = watch(admin.groupOffsets([{ groupId: 'a' }, { groupId: 'b' }]))
    const stable = watch(admin.groupOffsets([{ groupId: 'a' }], { requireStable: true }))
    await clock.settle()
    expect(found.value().map(({ offsets }) => offsets.length)).toEqual([1, 1])
    expect(stable.value()[0]?.error?.code).toBe('UNSUPPORTED_VERSION')
  })

  it('asks again when a broker that has no place for it says of partitions that it loads', async () => {
    const { fake, clock } = administering()
    fake.versions.set(OffsetFetch.key, [1, 1])
    const topics = (errorCode: number) => ({
      topics: [{ name: 'x', partitions: [committed(0, 1, errorCode)] }],
    })
    fake.next(OffsetFetch, () => topics(14))
    fake.next(OffsetFetch, () => topics(0))
    const admin = new Admin(settingsFor(fake), {})
    const partitions = [{ topic: 'x', partition: 0 }]
    const found = watch(admin.groupOffsets([{ groupId: 'a', partitions }]))
    await clock.settle()
    await clock.advance(10_000)
    expect(found.value()[0]).toMatchObject({ error: undefined, offsets: [{ offset: 1 }] })
  })
})

describe('alterGroupOffsets', () => {
  const offsets = [
    { topic: 'x', partition: 1, offset: 5, metadata: 'why' },
    { topic: 'y', partition: 0, offset: 0 },
    { topic: 'x', partition: 0, offset: 9 },
  ]

  it('commits as nobody, by name, with one result for each in their order', async () => {
    const { fake, clock, admin } = administering()
    fake.next(OffsetCommit, ({ topics }) => ({
      topics: [...topics].reverse().map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: name === 'y' ? 3 : 0,
        })),
      })),
    }))
    const altered = watch(admin.alterGroupOffsets('g', offsets))
    await clock.settle()
    expect(altered.value()).toMatchObject([
      { topic: 'x', partition: 1, error: undefined },
      { topic: 'y', partition: 0, error: { code: 'UNKNOWN_TOPIC_OR_PARTITION' } },
      { topic: 'x', partition: 0, error: undefined },
    ])
    expect(fake.requests.at(-1)).toMatchObject({
      version: 9,
      request: {
        groupId: 'g',
        generationIdOrMemberEpoch: -1,
        memberId: '',
        groupInstanceId: null,
        topics: [
          {
            name: 'x',
            partitions: [
              { partitionIndex: 1, committedOffset: 5, committedMetadata: 'why' },
              { partitionIndex: 0, committedOffset: 9, committedMetadata: '' },
            ],
          },
          { name: 'y', partitions: [{ partitionIndex: 0, committedOffset: 0 }] },
        ],
      },
    })
  })

  it('goes to the coordinator again when it moved, and asks nothing for nothing', async () => {
    const { fake, clock, admin } = administering()
    const answers = [16, 0]
    fake.always(OffsetCommit, ({ topics }) => {
      const errorCode = answers.shift() ?? 0
      return {
        topics: topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
        })),
      }
    })
    const altered = watch(admin.alterGroupOffsets('g', offsets))
    await clock.settle()
    await clock.advance(10_000)
    expect(altered.value().map(({ error }) => error)).toEqual([undefined, undefined, undefined])
    expect(fake.requestsOf(FindCoordinator)).toHaveLength(2)
    const none = watch(admin.alterGroupOffsets('g', []))
    await clock.settle()
    expect(none.value()).toEqual([])
    expect(fake.requestsOf(OffsetCommit)).toHaveLength(2)
  })

  it('says of a partition that the broker left out that it did', async () => {
    const { fake, clock, admin } = administering()
    fake.next(OffsetCommit, () => ({ topics: [] }))
    const altered = watch(admin.alterGroupOffsets('g', offsets.slice(0, 1)))
    await clock.settle()
    expect(altered.value()[0]?.error?.message).toContain('left it out')
  })
})

describe('deleteGroupOffsets', () => {
  const partitions = [
    { topic: 'x', partition: 1 },
    { topic: 'y', partition: 0 },
  ]

  it('has one result for each partition', async () => {
    const { fake, clock, admin } = administering()
    fake.next(OffsetDelete, ({ topics }) => ({
      errorCode: 0,
      throttleTimeMs: 0,
      topics: topics.map(({ name, partitions: of }) => ({
        name,
        partitions: of.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: name === 'y' ? 86 : 0,
        })),
      })),
    }))
    const deleted = watch(admin.deleteGroupOffsets('g', partitions))
    await clock.settle()
    expect(deleted.value().map(({ error }) => error?.code)).toEqual([
      undefined,
      'GROUP_SUBSCRIBED_TO_TOPIC',
    ])
  })

  it('gives each partition the error of the group', async () => {
    const { fake, clock, admin } = administering()
    fake.next(OffsetDelete, () => ({ errorCode: 69, throttleTimeMs: 0, topics: [] }))
    const deleted = watch(admin.deleteGroupOffsets('g', partitions))
    await clock.settle()
    expect(deleted.value().map(({ error }) => error?.code)).toEqual([
      'GROUP_ID_NOT_FOUND',
      'GROUP_ID_NOT_FOUND',
    ])
  })
})
