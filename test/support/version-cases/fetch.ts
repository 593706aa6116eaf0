import { Fetch, type RequestInput, recordsIn, ZERO_UUID } from '@varve/protocol'
import { expect } from 'vitest'
import { type At, casesOf, expectError, first } from './case.ts'

type FetchAt = At<typeof Fetch>
type Topic = { readonly name: string; readonly topicId: string }
type Request = RequestInput<typeof Fetch>
type Partition = NonNullable<Request['topics']>[number]['partitions'][number]

const MISSING = { name: 'missing', topicId: 'missingmissingmissingw' }

const asked = (topic: Topic, version: number, partition: Partial<Partition> = {}) => ({
  ...(version < 13 ? { topic: topic.name } : { topicId: topic.topicId }),
  partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000, ...partition }],
})

const request = (topics: Request['topics'], more: Partial<Request> = {}): Request => ({
  ...{ maxWaitMs: 0, minBytes: 1, isolationLevel: 0, topics, ...more },
})

async function fetchOne(
  at: FetchAt,
  topic: Topic,
  partition: Partial<Partition> = {},
  more: Partial<Request> = {},
) {
  const answer = await at.ask(request([asked(topic, at.version, partition)], more))
  expectError(answer.errorCode, 'NONE')
  const answered = first(answer.responses)
  expect([answered.topic, answered.topicId]).toEqual(
    at.version < 13 ? [topic.name, ZERO_UUID] : ['', topic.topicId],
  )
  return { ...first(answered.partitions), nodeEndpoints: answer.nodeEndpoints }
}

const valuesIn = (records: Uint8Array | null) =>
  [...recordsIn(records ?? new Uint8Array())].map(record => `${record.value}`)

async function expectRefused(
  at: FetchAt,
  error: string,
  asking: { topic?: Topic; partition?: Partial<Partition>; more?: Partial<Request> },
) {
  const answer = await fetchOne(at, asking.topic ?? at.orders, asking.partition, asking.more)
  expectError(answer.errorCode, error)
  expect(valuesIn(answer.records)).toEqual([])
  return answer
}

const NOBODY = { leaderId: -1, leaderEpoch: -1 }
const NOWHERE = { epoch: -1, endOffset: -1 }

export const fetchCases = casesOf(Fetch, {
  'gives records': async at => {
    const topic = await at.newTopic()
    for (const isolationLevel of [0, 1]) {
      const answer = await fetchOne(at, topic, {}, { isolationLevel })
      expectError(answer.errorCode, 'NONE')
      expect(valuesIn(answer.records)).toEqual(['0', '1', '2'])
      expect(answer).toMatchObject({
        ...{ highWatermark: 3, lastStableOffset: 3, logStartOffset: at.version < 5 ? -1 : 0 },
        ...{ abortedTransactions: isolationLevel === 0 ? null : [], preferredReadReplica: -1 },
        ...{ divergingEpoch: NOWHERE, currentLeader: NOBODY, nodeEndpoints: [] },
      })
    }
  },
  'gives nothing at the end of the log, after a while': async at => {
    const more = { maxWaitMs: 5, minBytes: 1000 }
    const answer = await fetchOne(at, await at.newTopic(), { fetchOffset: 3 }, more)
    expectError(answer.errorCode, 'NONE')
    expect(valuesIn(answer.records)).toEqual([])
  },
  'answers an empty request': async at => {
    expect((await at.ask(request([]))).responses).toEqual([])
  },
  'knows a topic and a partition that are not there': async at => {
    const error = at.version < 13 ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'UNKNOWN_TOPIC_ID'
    await expectRefused(at, error, { topic: MISSING })
    await expectRefused(at, 'UNKNOWN_TOPIC_OR_PARTITION', { partition: { partition: 9 } })
  },
  'knows where the log ends': async at => {
    await expectRefused(at, 'OFFSET_OUT_OF_RANGE', { partition: { fetchOffset: 99_999 } })
    await expectRefused(at, 'OFFSET_OUT_OF_RANGE', { partition: { fetchOffset: -1 } })
  },
  'has no followers': async at => {
    const more =
      at.version < 15 ? { replicaId: 2 } : { replicaState: { replicaId: 2, replicaEpoch: 1 } }
    const { currentLeader, nodeEndpoints } = await expectRefused(at, 'NOT_LEADER_OR_FOLLOWER', {
      more,
    })
    expect(currentLeader).toEqual(at.version < 12 ? NOBODY : { leaderId: 1, leaderEpoch: 1 })
    expect(nodeEndpoints.map(({ nodeId }) => nodeId)).toEqual(at.version < 16 ? [] : [1])
    at.deny(action => action.startsWith('ClusterAction'))
    await expectRefused(at, 'TOPIC_AUTHORIZATION_FAILED', { more })
  },
  'asks whether the client may': async at => {
    at.deny(action => action === 'Read Topic orders')
    await expectRefused(at, 'TOPIC_AUTHORIZATION_FAILED', {})
  },
  'compares the epoch of the leader': {
    since: 9,
    run: async at => {
      const older = { partition: { currentLeaderEpoch: 0 } }
      const { currentLeader, nodeEndpoints } = await expectRefused(at, 'FENCED_LEADER_EPOCH', older)
      expect(currentLeader).toEqual(at.version < 12 ? NOBODY : { leaderId: 1, leaderEpoch: 1 })
      expect(nodeEndpoints.map(({ nodeId }) => nodeId)).toEqual(at.version < 16 ? [] : [1])
      const newer = { partition: { currentLeaderEpoch: 7 } }
      await expectRefused(at, 'UNKNOWN_LEADER_EPOCH', newer)
    },
  },
  'says where the logs part': {
    since: 12,
    run: async at => {
      const parted = { fetchOffset: 5, lastFetchedEpoch: 0 }
      const answer = await fetchOne(at, at.orders, parted)
      expect(answer).toMatchObject({ errorCode: 0, divergingEpoch: { epoch: 0, endOffset: 3 } })
      expect(valuesIn(answer.records)).toEqual([])
      const same = await fetchOne(at, at.orders, { fetchOffset: 2, lastFetchedEpoch: 0 })
      expect(same.divergingEpoch).toEqual(NOWHERE)
      expect(valuesIn(same.records).length).toBeGreaterThan(0)
      const unknown = { partition: { fetchOffset: 2, lastFetchedEpoch: 9 } }
      await expectRefused(at, 'OFFSET_OUT_OF_RANGE', unknown)
    },
  },
  'keeps a session': {
    since: 7,
    run: async at => {
      const topic = await at.newTopic()
      const partitions = [asked(topic, at.version), asked(at.orders, at.version)]
      const full = await at.ask(request(partitions, { sessionId: 0, sessionEpoch: 0 }))
      expect(full.responses).toHaveLength(2)
      const { sessionId } = full
      expect(sessionId).toBeGreaterThan(0)
      const { partitions: _, ...address } = asked(at.orders, at.version)
      const forgottenTopicsData = [{ ...address, partitions: [0] }]
      const next = await at.ask(request([], { sessionId, sessionEpoch: 1, forgottenTopicsData }))
      expect(next.sessionId).toBe(sessionId)
      expect(valuesIn(first(first(next.responses).partitions).records)).toEqual(['0', '1', '2'])
      const early = await at.ask(request([], { sessionId, sessionEpoch: 9 }))
      expectError(early.errorCode, 'INVALID_FETCH_SESSION_EPOCH')
      const lost = await at.ask(request([], { sessionId: sessionId + 1, sessionEpoch: 2 }))
      expectError(lost.errorCode, 'FETCH_SESSION_ID_NOT_FOUND')
      expect([early.responses, lost.responses]).toEqual([[], []])
    },
  },
})
