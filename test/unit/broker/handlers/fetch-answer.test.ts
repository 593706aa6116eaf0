import { describe, expect, it } from 'vitest'
import { FetchAnswer } from '../../../../packages/broker/src/handlers/fetch-answer.ts'
import type {
  AssessedPartition,
  FetchAssessment,
  FetchTerms,
} from '../../../../packages/broker/src/handlers/fetch-assessment.ts'
import type { RequestContext } from '../../../../packages/broker/src/handlers/handler.ts'
import { FetchSession } from '../../../../packages/broker/src/purgatory/fetch-session.ts'
import type {
  Partition,
  ReadRequest,
} from '../../../../packages/broker/src/replication/partition.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'

type Stored = {
  /** Bytes that can be read from `fetchOffset` on. */
  readonly bytes?: number
  /** How they come: at once, later, or not at all. */
  readonly from?: 'memory' | 'disk' | 'a broken disk' | 'a bug'
  readonly error?: AssessedPartition['error']
  readonly diverging?: AssessedPartition['diverging']
  readonly topic?: string
  readonly maxBytes?: number
  readonly highWatermark?: number
  readonly fetchOffset?: number
}

const terms: FetchTerms = {
  ...{ addressing: 'names', minBytes: 1, maxBytes: 1_000, upTo: 'high watermark' },
  replicaError: undefined,
}

/** Assessed partitions of this content, and an answer to them. Batches have 100 bytes each. */
function given(
  stored: readonly Stored[],
  more: {
    readonly terms?: Partial<FetchTerms>
    readonly apiVersion?: number
    readonly session?: FetchSession
  } = {},
) {
  const asked: {
    readonly partition: number
    readonly maxBytes: number
    readonly whole: boolean
  }[] = []
  const released: number[] = []
  const onSent: (() => void)[] = []
  const read =
    ({ bytes = 0, from = 'memory' }: Stored, index: number) =>
    (request: ReadRequest) => {
      const whole = request.firstBatchWhole
      asked.push({ partition: index, maxBytes: request.maxBytes, whole })
      const fitting = Math.floor(Math.min(bytes, request.maxBytes) / 100) * 100
      const sizeBytes = fitting === 0 && whole ? Math.min(bytes, 100) : fitting
      const release = () => void released.push(index)
      const result = { parts: [Buffer.alloc(sizeBytes, index)], sizeBytes, release }
      if (from === 'memory') return result
      if (from === 'disk') return Promise.resolve(result)
      return Promise.reject(
        from === 'a bug' ? new TypeError('a bug') : new DiskError('read', 'x', 'EIO'),
      )
    }
  const entries = stored.map((one, index): AssessedPartition => {
    const { topic = 'orders', maxBytes = 1_000, highWatermark = 9, bytes = 0 } = one
    const { fetchOffset = 2 } = one
    const position = {
      ...{ topic, partition: index, fetchOffset, maxBytes },
      ...{ currentLeaderEpoch: -1, lastFetchedEpoch: -1 },
    }
    const partition = {
      highWatermark,
      lastStableOffset: 5,
      logStartOffset: 2,
      segmentReplacements: 0,
      mayHaveAborted: () => false,
      read: read(one, index),
    }
    return {
      ...{
        position,
        entry: more.session?.put(position),
        diverging: one.diverging,
        error: one.error,
      },
      topic: {
        partitions: Array(9).fill({ leader: 4, leaderEpoch: 6 }),
      } as unknown as AssessedPartition['topic'],
      partition: one.error === undefined ? (partition as unknown as Partition) : undefined,
      availableBytes: bytes,
    }
  })
  const context = {
    apiVersion: more.apiVersion ?? 16,
    onSent: (run: () => void) => void onSent.push(run),
    connection: {},
    broker: {
      endpoints: { of: (id: number) => ({ host: `broker-${id}`, port: 9, rack: null }) },
    },
  } as unknown as RequestContext
  const give = (telling: 'everything' | 'changes' = 'everything') => {
    const { session } = more
    const to = {
      sessionId: session?.id ?? 0,
      telling,
      ...(session === undefined ? {} : { session }),
    }
    return new FetchAnswer({ ...terms, ...more.terms }, context, to).give({
      entries,
    } as unknown as FetchAssessment)
  }
  return { asked, released, sent: () => onSent.forEach(run => run()), give, entries }
}

type Answer = Awaited<ReturnType<FetchAnswer['give']>>
const partitionsOf = (answer: Answer) => (answer.responses ?? []).flatMap(topic => topic.partitions)
const sizesOf = (answer: Answer) =>
  partitionsOf(answer).map(({ records }) =>
    [records ?? []].flat().reduce((sum, part) => sum + part.length, 0),
  )

describe('the answer to a fetch', () => {
  it('comes at once when all is in memory, with where the log stands', () => {
    const { give } = given([{ bytes: 300 }])
    const answer = give()
    expect(answer).not.toBeInstanceOf(Promise)
    expect(partitionsOf(answer as Answer)).toMatchObject([
      {
        ...{ partitionIndex: 0, errorCode: 0, highWatermark: 9, lastStableOffset: 5 },
        ...{ logStartOffset: 2, abortedTransactions: null },
      },
    ])
    expect(sizesOf(answer as Answer)).toEqual([300])
  })

  it('shares the limit among the partitions in their order', () => {
    const { give, asked } = given([{ bytes: 700 }, { bytes: 700 }, { bytes: 700 }])
    expect(sizesOf(give() as Answer)).toEqual([700, 300, 0])
    expect(asked.map(({ maxBytes }) => maxBytes)).toEqual([1_000, 300])
  })

  it('says so of an offset that was deleted while it was to be read, and gives what was read before', async () => {
    const gone = { fetchOffset: 1, from: 'disk' } as const
    const { give } = given([{ ...gone, maxBytes: 0 }, { ...gone, bytes: 300 }, { bytes: 100 }])
    const answer = await give()
    expect(
      partitionsOf(answer).map(({ errorCode, logStartOffset }) => [errorCode, logStartOffset]),
    ).toEqual([
      [1, -1],
      [0, 2],
      [0, 2],
    ])
    expect(sizesOf(answer)).toEqual([0, 300, 100])
  })

  it('holds no more of a partition than was asked of it', () => {
    const { give } = given([
      { bytes: 700, maxBytes: 250 },
      { bytes: 100, maxBytes: -1 },
    ])
    expect(sizesOf(give() as Answer)).toEqual([200, 0])
  })

  it('gives one batch whole whatever the limits, from the first partition that has any (KIP-74)', () => {
    const { give, asked } = given([{ bytes: 0 }, { bytes: 300, maxBytes: 10 }, { bytes: 300 }], {
      terms: { maxBytes: 50 },
    })
    expect(sizesOf(give() as Answer)).toEqual([0, 100, 0])
    expect(asked.map(({ partition, whole }) => [partition, whole])).toEqual([[1, true]])
  })

  it('does not let two reads from the disk both give a whole batch', async () => {
    const slow = { bytes: 300, from: 'disk' } as const
    const { give } = given([slow, slow], { terms: { maxBytes: 150 } })
    expect(sizesOf(await give())).toEqual([100, 0])
  })

  it('waits for the disk, and counts what will come of it against the limit', async () => {
    const { give, asked } = given([{ bytes: 600, from: 'disk' }, { bytes: 700 }])
    const answer = give()
    expect(answer).toBeInstanceOf(Promise)
    expect(sizesOf(await answer)).toEqual([600, 400])
    expect(asked.map(({ maxBytes }) => maxBytes)).toEqual([1_000, 400])
  })

  it('gives the buffers back when it was sent, not before', async () => {
    const { give, released, sent } = given([{ bytes: 100 }, { bytes: 100, from: 'disk' }])
    await give()
    expect(released).toEqual([])
    sent()
    expect(released).toEqual([0, 1])
  })

  it('says of the partition whose disk fails that it failed, and gives the others', async () => {
    const { give } = given([{ bytes: 100, from: 'a broken disk' }, { bytes: 100 }])
    const answer = await give()
    expect(
      partitionsOf(answer).map(({ errorCode, highWatermark }) => [errorCode, highWatermark]),
    ).toEqual([
      [56, -1],
      [0, 9],
    ])
    expect(sizesOf(answer)).toEqual([0, 100])
  })

  it('does not take a bug for a failure of the disk', async () => {
    await expect(given([{ bytes: 100, from: 'a bug' }]).give()).rejects.toThrow(TypeError)
  })

  it('says where the leader is, in the versions that can', async () => {
    const stored = [{ error: 'NOT_LEADER_OR_FOLLOWER' }, { error: 'OFFSET_OUT_OF_RANGE' }] as const
    const answer = await given(stored).give()
    expect(partitionsOf(answer).map(({ currentLeader }) => currentLeader)).toEqual([
      { leaderId: 4, leaderEpoch: 6 },
      undefined,
    ])
    expect(answer.nodeEndpoints).toMatchObject([{ nodeId: 4, host: 'broker-4' }])
    const before16 = await given(stored, { apiVersion: 15 }).give()
    expect(partitionsOf(before16)[0]?.currentLeader).toBeDefined()
    expect(before16.nodeEndpoints).toBeUndefined()
    const before12 = await given(stored, { apiVersion: 11 }).give()
    expect(partitionsOf(before12)[0]?.currentLeader).toBeUndefined()
  })

  it('says where the client and the log part', async () => {
    const diverging = { epoch: 3, endOffset: 7 }
    const [partition] = partitionsOf(await given([{ diverging }]).give())
    expect(partition).toMatchObject({ errorCode: 0, divergingEpoch: diverging })
  })

  it('groups the partitions by topic, by name or by id', async () => {
    const stored = [{ topic: 'a' }, { topic: 'a' }, { topic: 'b' }]
    const topicsOf = ({ responses }: Answer) =>
      responses?.map(({ topic, topicId, partitions }) => [topic, topicId, partitions.length])
    const zero = 'AAAAAAAAAAAAAAAAAAAAAA'
    expect(topicsOf(await given(stored).give())).toEqual([
      ['a', zero, 2],
      ['b', zero, 1],
    ])
    expect(topicsOf(await given(stored, { terms: { addressing: 'ids' } }).give())).toEqual([
      ['', 'a', 2],
      ['', 'b', 1],
    ])
  })

  it('lists no aborted transactions to those who read committed, and to nobody else', async () => {
    const committed = given([{ bytes: 100 }], { terms: { upTo: 'last stable offset' } })
    expect(partitionsOf(await committed.give())[0]?.abortedTransactions).toEqual([])
  })
})

describe('the answers of a fetch session', () => {
  const sessionOf = () => new FetchSession(77, 'names', 0)
  const changedIn = (session: FetchSession) =>
    [...session.changed].map(({ position }) => position.partition)

  it('tell everything first, and then only of partitions with news', async () => {
    const session = sessionOf()
    const first = given([{ bytes: 0, highWatermark: 0 }, { bytes: 100 }], { session })
    const answer = await first.give()
    expect([answer.sessionId, partitionsOf(answer).length]).toEqual([77, 2])
    const second = given([{ bytes: 0, highWatermark: 0 }, { bytes: 100 }], { session })
    expect(partitionsOf(await second.give('changes')).map(one => one.partitionIndex)).toEqual([1])
  })

  it('tell that the high watermark moved, though there is nothing to read', async () => {
    const session = sessionOf()
    await given([{ highWatermark: 0 }], { session }).give()
    const told = await given([{ highWatermark: 1 }], { session }).give('changes')
    expect(partitionsOf(told)).toMatchObject([{ highWatermark: 1 }])
    expect(partitionsOf(await given([{ highWatermark: 1 }], { session }).give('changes'))).toEqual(
      [],
    )
  })

  it('tell errors again and again', async () => {
    const session = sessionOf()
    const failing = [{ error: 'UNKNOWN_TOPIC_OR_PARTITION' }] as const
    await given(failing, { session }).give()
    expect(partitionsOf(await given(failing, { session }).give('changes')).length).toBe(1)
    expect(changedIn(session)).toEqual([0])
  })

  it('look again at what was answered last of all, and first at what the limit left out', async () => {
    const session = sessionOf()
    await given([{ bytes: 1_000 }, { bytes: 500 }, { bytes: 0, highWatermark: 0 }], {
      session,
    }).give()
    expect(changedIn(session)).toEqual([1, 0])
  })
})
