import {
  OffsetCommit,
  OffsetDelete,
  OffsetFetch,
  type RequestInput,
  type ResponseOf,
} from '@varve/protocol'
import { expect } from 'vitest'
import { type At, casesOf, expectError, first } from './case.ts'

interface Topic {
  readonly name: string
  readonly topicId: string
}

type CommitWords = Partial<RequestInput<typeof OffsetCommit>> & {
  readonly partitionIndex?: number
}

/** A topic as the version names it. */
const named = ({ version }: At<never>, { name, topicId }: Topic) =>
  version < 10 ? { name } : { topicId }

async function commit(
  at: At<typeof OffsetCommit>,
  topic: Topic,
  { partitionIndex = 0, ...words }: CommitWords,
) {
  const partitions = [{ partitionIndex, committedOffset: 2, committedMetadata: 'so far' }]
  const asked = { groupId: at.newName(), topics: [{ ...named(at as never, topic), partitions }] }
  const { topics } = await at.ask({ ...asked, ...words })
  expect(first(topics)).toMatchObject(named(at as never, topic))
  return first(first(topics).partitions)
}

export const offsetCommitCases = casesOf(OffsetCommit, {
  'commits for a group that nobody has joined': async at => {
    const groupId = at.newName()
    const { errorCode } = await commit(at, at.orders, { groupId })
    expectError(errorCode, 'NONE')
    const { groups } = await at.also(OffsetFetch, 8, { groups: [{ groupId, topics: null }] })
    expect(first(first(first(groups).topics).partitions)).toMatchObject({
      committedOffset: 2,
      metadata: 'so far',
    })
  },
  'keeps offsets for as long as the client says': {
    until: 4,
    run: async at => {
      const { errorCode } = await commit(at, at.orders, { retentionTimeMs: 60_000 })
      expectError(errorCode, 'NONE')
    },
  },
  'refuses a member of a group that is not there': async at => {
    const member = { memberId: 'member', generationIdOrMemberEpoch: 1 }
    const { errorCode } = await commit(at, at.orders, member)
    expectError(errorCode, at.version < 9 ? 'ILLEGAL_GENERATION' : 'GROUP_ID_NOT_FOUND')
  },
  'refuses partitions and topics that are not there': async at => {
    const partition = await commit(at, at.orders, { partitionIndex: 9 })
    expect(partition.partitionIndex).toBe(9)
    expectError(partition.errorCode, 'UNKNOWN_TOPIC_OR_PARTITION')
    const nothing = { name: at.newName(), topicId: 'AAAAAAAAAAAAAAAAAAAACQ' }
    const { errorCode } = await commit(at, nothing, {})
    expectError(errorCode, at.version < 10 ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'UNKNOWN_TOPIC_ID')
  },
  'refuses a group and a topic that the caller may not read': async at => {
    const groupId = at.newName()
    at.deny(action => action === `Read Group ${groupId}`)
    const ofGroup = await commit(at, at.orders, { groupId })
    expectError(ofGroup.errorCode, 'GROUP_AUTHORIZATION_FAILED')
    at.deny(action => action === `Read Topic ${at.orders.name}`)
    const ofTopic = await commit(at, at.orders, {})
    expectError(ofTopic.errorCode, 'TOPIC_AUTHORIZATION_FAILED')
  },
})

/** A group with an offset in `orders`. */
export async function committedGroup(
  at: Pick<At<never>, 'newName' | 'also' | 'orders'>,
): Promise<string> {
  const groupId = at.newName()
  const partition = { partitionIndex: 0, committedOffset: 2, committedMetadata: null }
  const topics = [{ name: at.orders.name, partitions: [{ ...partition, committedLeaderEpoch: 1 }] }]
  const committed = await at.also(OffsetCommit, 9, { groupId, topics })
  expectError(first(first(committed.topics).partitions).errorCode, 'NONE')
  return groupId
}

/** What there is of one group: its topics, or the error of all. */
async function fetched(
  at: At<typeof OffsetFetch>,
  groupId: string,
  topics: readonly Topic[] | null,
) {
  const asked =
    topics?.map(topic => ({ ...named(at as never, topic), partitionIndexes: [0, 9] })) ?? null
  const answer: ResponseOf<typeof OffsetFetch> =
    at.version < 8
      ? await at.ask({ groupId, topics: asked as never })
      : await at.ask({ groups: [{ groupId, topics: asked }] })
  return at.version < 8 ? answer : first(answer.groups)
}

export const offsetFetchCases = casesOf(OffsetFetch, {
  'reads what was committed, and -1 where nothing was': async at => {
    const { topics, errorCode } = await fetched(at, await committedGroup(at), [at.orders])
    expectError(errorCode, 'NONE')
    expect(first(topics)).toMatchObject(named(at as never, at.orders))
    expect(first(topics).partitions).toEqual([
      {
        ...{ partitionIndex: 0, committedOffset: 2, metadata: '', errorCode: 0 },
        committedLeaderEpoch: at.version < 5 ? -1 : 1,
      },
      {
        ...{ partitionIndex: 9, committedOffset: -1, metadata: '', errorCode: 0 },
        committedLeaderEpoch: -1,
      },
    ])
  },
  'reads all that was committed': {
    since: 2,
    run: async at => {
      const { topics } = await fetched(at, await committedGroup(at), null)
      expect(topics.length).toBe(1)
      expect(first(topics)).toMatchObject(named(at as never, at.orders))
    },
  },
  'has nothing for a group that is not there': async at => {
    const { topics, errorCode } = await fetched(at, at.newName(), [at.orders])
    expectError(errorCode, 'NONE')
    expect(first(first(topics).partitions).committedOffset).toBe(-1)
  },
  'does not know the id of a topic that is not there': {
    since: 10,
    run: async at => {
      const nothing = { name: '', topicId: 'AAAAAAAAAAAAAAAAAAAACQ' }
      const { topics } = await fetched(at, await committedGroup(at), [nothing])
      expectError(first(first(topics).partitions).errorCode, 'UNKNOWN_TOPIC_ID')
    },
  },
  'refuses a group that the caller may not describe': async at => {
    const groupId = await committedGroup(at)
    at.deny(action => action === `Describe Group ${groupId}`)
    const { topics, errorCode } = await fetched(at, groupId, [at.orders])
    if (at.version < 2) {
      const partition = first(first(topics).partitions)
      expectError(partition.errorCode, 'GROUP_AUTHORIZATION_FAILED')
      return
    }
    expectError(errorCode, 'GROUP_AUTHORIZATION_FAILED')
    expect(topics).toEqual([])
  },
  'refuses a topic that the caller may not describe': async at => {
    const groupId = await committedGroup(at)
    at.deny(action => action === `Describe Topic ${at.orders.name}`)
    const { topics, errorCode } = await fetched(at, groupId, [at.orders])
    expectError(errorCode, 'NONE')
    expectError(first(first(topics).partitions).errorCode, 'TOPIC_AUTHORIZATION_FAILED')
  },
})

export const offsetDeleteCases = casesOf(OffsetDelete, {
  'deletes an offset': async at => {
    const groupId = await committedGroup(at)
    const partitions = [{ partitionIndex: 0 }, { partitionIndex: 9 }]
    const answer = await at.ask({ groupId, topics: [{ name: at.orders.name, partitions }] })
    expectError(answer.errorCode, 'NONE')
    const [deleted, unknown] = first(answer.topics).partitions
    expectError(deleted?.errorCode, 'NONE')
    expectError(unknown?.errorCode, 'UNKNOWN_TOPIC_OR_PARTITION')
  },
  'does not know a group that is not there': async at => {
    const partitions = [{ partitionIndex: 0 }]
    const topics = [{ name: at.orders.name, partitions }]
    const answer = await at.ask({ groupId: at.newName(), topics })
    expectError(answer.errorCode, 'GROUP_ID_NOT_FOUND')
    expect(answer.topics).toEqual([])
  },
  'refuses a group that the caller may not delete': async at => {
    const groupId = at.newName()
    at.deny(action => action === `Delete Group ${groupId}`)
    const answer = await at.ask({ groupId, topics: [] })
    expectError(answer.errorCode, 'GROUP_AUTHORIZATION_FAILED')
  },
})
