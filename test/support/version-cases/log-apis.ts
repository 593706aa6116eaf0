import { DeleteRecords, InitProducerId, ListOffsets, OffsetForLeaderEpoch } from '@varve/protocol'
import { expect } from 'vitest'
import { type At, casesOf, expectError, first } from './case.ts'

type ListAt = At<typeof ListOffsets>

const NOTHING = { timestamp: -1, offset: -1, leaderEpoch: -1 }

async function offsetOf(
  at: ListAt,
  partition: {
    readonly name?: string
    readonly timestamp: number
    readonly currentLeaderEpoch?: number
    readonly partitionIndex?: number
  },
  more: { readonly replicaId?: number; readonly isolationLevel?: number } = {},
) {
  const { name = at.orders.name, ...asked } = partition
  const partitions = [{ partitionIndex: 0, ...asked }]
  const { topics } = await at.ask({ replicaId: -1, ...more, topics: [{ name, partitions }] })
  expect(first(topics).name).toBe(name)
  return first(first(topics).partitions)
}

/** Versions before 4 do not say the epoch. */
const epoch = (at: ListAt, leaderEpoch: number) => (at.version < 4 ? -1 : leaderEpoch)

const marker = (title: string, timestamp: number, since: number, found: object) => ({
  [title]: async (at: ListAt) => {
    const answer = await offsetOf(at, { timestamp })
    expectError(answer.errorCode, at.version < since ? 'UNSUPPORTED_VERSION' : 'NONE')
    expect(answer).toMatchObject(at.version < since ? NOTHING : found)
  },
})

export const listOffsetsCases = casesOf(ListOffsets, {
  'finds the beginning and the end': async at => {
    const earliest = await offsetOf(at, { timestamp: -2 })
    expect(earliest).toMatchObject({ errorCode: 0, offset: 0, leaderEpoch: epoch(at, 0) })
    const latest = await offsetOf(at, { timestamp: -1 })
    expect(latest).toMatchObject({ errorCode: 0, leaderEpoch: epoch(at, 1) })
    expect(latest.offset).toBeGreaterThan(3)
    const isolationLevel = at.version < 2 ? 0 : 1
    const stable = await offsetOf(at, { timestamp: -1 }, { isolationLevel, replicaId: -2 })
    expect(stable).toEqual(latest)
  },
  'finds a time, and says when there is none': async at => {
    const found = await offsetOf(at, { timestamp: 1500 })
    const expected = { errorCode: 0, timestamp: 2000, offset: 1, leaderEpoch: epoch(at, 0) }
    expect(found).toMatchObject(expected)
    const none = await offsetOf(at, { timestamp: 4_000_000_000_000 })
    expect(none).toMatchObject({ errorCode: 0, ...NOTHING })
  },
  ...marker('finds the largest time', -3, 7, { timestamp: 9000, leaderEpoch: 1 }),
  ...marker('finds what is local', -4, 8, { offset: 0, leaderEpoch: 0 }),
  ...marker('finds nothing in tiers', -5, 9, NOTHING),
  ...marker('finds nothing to be tiered', -6, 11, NOTHING),
  ...marker('knows no other sign', -7, 99, NOTHING),
  'knows what is not there': async at => {
    for (const asked of [{ name: 'missing' }, { partitionIndex: 9 }]) {
      const answer = await offsetOf(at, { timestamp: -1, ...asked })
      expectError(answer.errorCode, 'UNKNOWN_TOPIC_OR_PARTITION')
      expect(answer).toMatchObject(NOTHING)
    }
    expect((await at.ask({ replicaId: -1, topics: [] })).topics).toEqual([])
  },
  'refuses a partition that is named twice': async at => {
    const partition = { partitionIndex: 0, timestamp: -1 }
    const topic = { name: at.orders.name, partitions: [partition, partition] }
    const { topics } = await at.ask({ replicaId: -1, topics: [topic] })
    const codes = first(topics).partitions.map(answer => answer.errorCode)
    expect(codes).toEqual([42, 42])
  },
  'compares the epoch of the leader': {
    since: 4,
    run: async at => {
      const older = await offsetOf(at, { timestamp: -1, currentLeaderEpoch: 0 })
      expectError(older.errorCode, 'FENCED_LEADER_EPOCH')
      const newer = await offsetOf(at, { timestamp: -1, currentLeaderEpoch: 7 })
      expectError(newer.errorCode, 'UNKNOWN_LEADER_EPOCH')
    },
  },
  'asks whether the client may': async at => {
    at.deny(action => action === 'Describe Topic orders')
    const answer = await offsetOf(at, { timestamp: -1 })
    expectError(answer.errorCode, 'TOPIC_AUTHORIZATION_FAILED')
  },
})

async function deleteBefore(at: At<typeof DeleteRecords>, name: string, offset: number, index = 0) {
  const partitions = [{ partitionIndex: index, offset }]
  const { topics } = await at.ask({ timeoutMs: 1000, topics: [{ name, partitions }] })
  expect(first(topics).name).toBe(name)
  return first(first(topics).partitions)
}

export const deleteRecordsCases = casesOf(DeleteRecords, {
  'moves the beginning': async at => {
    const { name } = await at.newTopic()
    expect(await deleteBefore(at, name, 2)).toMatchObject({ errorCode: 0, lowWatermark: 2 })
    expect(await deleteBefore(at, name, -1)).toMatchObject({ errorCode: 0, lowWatermark: 3 })
  },
  'says why not': async at => {
    const refused = async (name: string, error: string, offset = 1, index = 0) => {
      const answer = await deleteBefore(at, name, offset, index)
      expectError(answer.errorCode, error)
      expect(answer.lowWatermark).toBe(-1)
    }
    await refused('missing', 'UNKNOWN_TOPIC_OR_PARTITION')
    await refused(at.orders.name, 'UNKNOWN_TOPIC_OR_PARTITION', 1, 9)
    await refused(at.orders.name, 'OFFSET_OUT_OF_RANGE', 99_999)
    await refused(at.users.name, 'POLICY_VIOLATION')
    at.deny(action => action === 'Delete Topic orders')
    await refused(at.orders.name, 'TOPIC_AUTHORIZATION_FAILED')
    expect((await at.ask({ timeoutMs: 1000, topics: [] })).topics).toEqual([])
  },
})

export const initProducerIdCases = casesOf(InitProducerId, {
  'gives an id': async at => {
    const request = { transactionalId: null, transactionTimeoutMs: 1000 }
    const one = await at.ask(request)
    const other = await at.ask(
      at.version < 3 ? request : { ...request, producerId: one.producerId, producerEpoch: 0 },
    )
    expect([one.errorCode, one.producerEpoch, other.errorCode]).toEqual([0, 0, 0])
    expect(other.producerId).toBeGreaterThan(one.producerId)
  },
  'says why not': async at => {
    const refused = async (transactionalId: string | null, error: string) => {
      const answer = await at.ask({ transactionalId, transactionTimeoutMs: 1000 })
      expectError(answer.errorCode, error)
      expect(answer).toMatchObject({ producerId: -1, producerEpoch: -1 })
    }
    await refused('', 'INVALID_REQUEST')
    at.deny(action => action.startsWith('IdempotentWrite'))
    await refused(null, 'CLUSTER_AUTHORIZATION_FAILED')
    at.deny(action => action === 'Write TransactionalId payments')
    await refused('payments', 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
  },
})

async function endOf(
  at: At<typeof OffsetForLeaderEpoch>,
  asked: { readonly leaderEpoch: number; readonly currentLeaderEpoch?: number; partition?: number },
  topic = at.orders.name,
) {
  const { topics } = await at.ask({ topics: [{ topic, partitions: [{ partition: 0, ...asked }] }] })
  expect(first(topics).topic).toBe(topic)
  return first(first(topics).partitions)
}

export const offsetForLeaderEpochCases = casesOf(OffsetForLeaderEpoch, {
  'says where an epoch ended': async at => {
    const ended = await endOf(at, { leaderEpoch: 0, currentLeaderEpoch: 1 })
    expect(ended).toMatchObject({ errorCode: 0, leaderEpoch: 0, endOffset: 3 })
    const current = await endOf(at, { leaderEpoch: 1 })
    expect(current).toMatchObject({ errorCode: 0, leaderEpoch: 1 })
    const unknown = await endOf(at, { leaderEpoch: 9 })
    expect(unknown).toMatchObject({ errorCode: 0, leaderEpoch: -1, endOffset: -1 })
  },
  'says why not': async at => {
    const older = await endOf(at, { leaderEpoch: 0, currentLeaderEpoch: 0 })
    expectError(older.errorCode, 'FENCED_LEADER_EPOCH')
    const newer = await endOf(at, { leaderEpoch: 0, currentLeaderEpoch: 7 })
    expectError(newer.errorCode, 'UNKNOWN_LEADER_EPOCH')
    const missing = await endOf(at, { leaderEpoch: 0 }, 'missing')
    expectError(missing.errorCode, 'UNKNOWN_TOPIC_OR_PARTITION')
    const beyond = await endOf(at, { leaderEpoch: 0, partition: 9 })
    expectError(beyond.errorCode, 'UNKNOWN_TOPIC_OR_PARTITION')
    at.deny(action => action === 'Describe Topic orders')
    const denied = await endOf(at, { leaderEpoch: 0 })
    expectError(denied.errorCode, 'TOPIC_AUTHORIZATION_FAILED')
    expect((await at.ask({ topics: [] })).topics).toEqual([])
  },
})
