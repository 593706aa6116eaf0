import { DeleteRecords, ListOffsets, OffsetForLeaderEpoch } from '@varve/protocol'
import { ProtocolError, protocolError } from '../errors.ts'
import { askLeaders, type Call } from './ask.ts'
import { byTopic } from './by-topic.ts'
import type { BrokerImage } from './image.ts'
import type { DeletedRecords, EpochEnd, ListedOffset, OffsetSpec } from './outcome.ts'

const OFFSET_TIMESTAMPS = {
  latest: -1,
  earliest: -2,
  'max-timestamp': -3,
  'earliest-local': -4,
  'latest-tiered': -5,
} as const

/** Since which version of ListOffsets a special timestamp is understood: an older broker would take it for a time. */
const FIRST_VERSIONS: { readonly [timestamp: number]: number } = { '-3': 7, '-4': 8, '-5': 9 }

export interface OffsetQuery {
  readonly topic: string
  readonly partition: number
  readonly at: OffsetSpec
}

interface Place {
  readonly topic: string
  readonly partition: number
}

/** Looks up offsets; one result per query, in their order. */
export function listOffsets(
  call: Call,
  queries: readonly OffsetQuery[],
  isolationLevel: 'read_uncommitted' | 'read_committed',
): Promise<ListedOffset[]> {
  return askLeaders(call, {
    items: queries,
    failed: (item, error) => ({
      ...place(item),
      offset: -1,
      timestamp: -1,
      leaderEpoch: -1,
      error,
    }),
    ask: (leader, items, timeoutMs) =>
      askRounds(items, async round =>
        askOffsets(call, { leader, items: round, timeoutMs, isolationLevel }),
      ),
  })
}

/** A request may name a partition once only, so a second question about it goes into a second request. */
async function askRounds<Item extends Place, Result>(
  items: readonly Item[],
  ask: (round: readonly Item[]) => Promise<readonly Result[]>,
): Promise<Result[]> {
  const rounds: Item[][] = []
  const counts = new Map<string, number>()
  for (const item of items) {
    const count = counts.get(placeKey(item)) ?? 0
    counts.set(placeKey(item), count + 1)
    const round = rounds[count]
    if (round === undefined) rounds[count] = [item]
    else round.push(item)
  }
  const results = new Map<Item, Result>()
  await Promise.all(
    rounds.map(async round => {
      for (const [index, result] of (await ask(round)).entries())
        results.set(round[index] as Item, result)
    }),
  )
  return items.map(item => results.get(item) as Result)
}

interface OffsetsRequest {
  readonly leader: BrokerImage
  readonly items: readonly OffsetQuery[]
  readonly timeoutMs: number
  readonly isolationLevel: 'read_uncommitted' | 'read_committed'
}

async function askOffsets(
  call: Call,
  { leader, items, timeoutMs, isolationLevel }: OffsetsRequest,
): Promise<ListedOffset[]> {
  const response = await call.cluster.request(
    leader,
    ListOffsets,
    version => ({
      replicaId: -1,
      isolationLevel: version >= 2 && isolationLevel === 'read_committed' ? 1 : 0,
      topics: byTopic(items).map(([name, partitions]) => ({
        name,
        partitions: partitions.map(item => ({
          partitionIndex: item.partition,
          currentLeaderEpoch: currentEpoch(call, item),
          timestamp: timestampFor(item.at, version),
        })),
      })),
      timeoutMs: Math.ceil(timeoutMs),
    }),
    { timeoutMs },
  )
  const answers = flatten(
    response.topics.map(topic => [topic.name, topic.partitions] as const),
    'partitionIndex',
  )
  return items.map(item => {
    const answer = answers.get(placeKey(item))
    return {
      ...place(item),
      offset: answer?.offset ?? -1,
      timestamp: answer?.timestamp ?? -1,
      leaderEpoch: answer?.leaderEpoch ?? -1,
      error: outcome(answer, `looking up an offset of ${item.topic}-${item.partition}`),
    }
  })
}

function timestampFor(at: OffsetSpec, version: number): number {
  if (typeof at === 'object') return at.timestamp
  const timestamp = OFFSET_TIMESTAMPS[at]
  if (version >= (FIRST_VERSIONS[timestamp] ?? 0)) return timestamp
  throw new ProtocolError('UNSUPPORTED_VERSION', `looking up the ${at} offset`)
}

/** Removes the records before an offset; -1 stands for the high watermark. One result per item, in their order. */
export function deleteRecords(
  call: Call,
  before: readonly (Place & { readonly offset: number })[],
): Promise<DeletedRecords[]> {
  return askLeaders(call, {
    items: before,
    failed: (item, error) => ({ ...place(item), lowWatermark: -1, error }),
    ask: async (leader, items, timeoutMs) => {
      const topics = byTopic(items).map(([name, partitions]) => ({
        name,
        partitions: partitions.map(({ partition, offset }) => ({
          partitionIndex: partition,
          offset,
        })),
      }))
      const request = { topics, timeoutMs: Math.ceil(timeoutMs) }
      const response = await call.cluster.request(leader, DeleteRecords, request, { timeoutMs })
      const answers = flatten(
        response.topics.map(topic => [topic.name, topic.partitions] as const),
        'partitionIndex',
      )
      return items.map(item => {
        const answer = answers.get(placeKey(item))
        const error = outcome(answer, `deleting records of ${item.topic}-${item.partition}`)
        return { ...place(item), lowWatermark: answer?.lowWatermark ?? -1, error }
      })
    },
  })
}

/** Where leader epochs end; one result per query, in their order. */
export function offsetForLeaderEpoch(
  call: Call,
  queries: readonly (Place & { readonly leaderEpoch: number })[],
): Promise<EpochEnd[]> {
  return askLeaders(call, {
    items: queries,
    failed: (item, error) => ({ ...place(item), leaderEpoch: -1, endOffset: -1, error }),
    ask: (leader, items, timeoutMs) =>
      askRounds(items, round => askEpochEnds(call, { leader, items: round, timeoutMs })),
  })
}

async function askEpochEnds(
  call: Call,
  to: {
    leader: BrokerImage
    items: readonly (Place & { readonly leaderEpoch: number })[]
    timeoutMs: number
  },
): Promise<EpochEnd[]> {
  const topics = byTopic(to.items).map(([topic, partitions]) => ({
    topic,
    partitions: partitions.map(item => ({
      partition: item.partition,
      currentLeaderEpoch: currentEpoch(call, item),
      leaderEpoch: item.leaderEpoch,
    })),
  }))
  const { timeoutMs } = to
  const request = { replicaId: -1, topics }
  const response = await call.cluster.request(to.leader, OffsetForLeaderEpoch, request, {
    timeoutMs,
  })
  const answers = flatten(
    response.topics.map(topic => [topic.topic, topic.partitions] as const),
    'partition',
  )
  return to.items.map(item => {
    const answer = answers.get(placeKey(item))
    return {
      ...place(item),
      leaderEpoch: answer?.leaderEpoch ?? -1,
      endOffset: answer?.endOffset ?? -1,
      error: outcome(answer, `looking up a leader epoch of ${item.topic}-${item.partition}`),
    }
  })
}

function currentEpoch({ cluster }: Call, { topic, partition }: Place): number {
  return cluster.partition(topic, partition)?.leaderEpoch ?? -1
}

function place({ topic, partition }: Place): Place {
  return { topic, partition }
}

function placeKey({ topic, partition }: Place): string {
  return `${partition} ${topic}`
}

function flatten<Answer extends { readonly [name in Key]: number }, Key extends string>(
  topics: readonly (readonly [string, readonly Answer[]])[],
  key: Key,
): Map<string, Answer> {
  const answers = new Map<string, Answer>()
  for (const [topic, partitions] of topics) {
    for (const answer of partitions)
      answers.set(placeKey({ topic, partition: answer[key] }), answer)
  }
  return answers
}

/** The error of an answer; a broker that leaves a partition out has not answered. */
function outcome(
  answer: { readonly errorCode: number } | undefined,
  about: string,
): ProtocolError | undefined {
  if (answer === undefined)
    return new ProtocolError('UNKNOWN_SERVER_ERROR', about, 'the broker left it out')
  return protocolError(answer.errorCode, { about })
}
