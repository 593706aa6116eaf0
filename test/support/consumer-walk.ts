/** Consumers of one group that act at random against the coordinator, and what must hold whatever they do (G1, G5). */
import {
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
  errorName,
} from '@varve/protocol'
import { expect } from 'vitest'
import { describeState } from '../../packages/broker/src/coordinator/group/consumer/describe-consumer-group.ts'
import {
  askHeartbeat,
  type ConsumerShard,
  consumerShard,
  GROUP,
  hardState,
  heartbeat,
  joining,
} from './consumer-shard.ts'
import { imageWith, newTopic } from './metadata-image.ts'
import type { Asked } from './pure-shard.ts'

export type WalkStep =
  | {
      readonly type: 'beat' | 'lose' | 'revoke' | 'leave' | 'crash' | 'repeat'
      readonly client: number
    }
  | { readonly type: 'subscribe'; readonly client: number; readonly topics: readonly string[] }
  | { readonly type: 'advance'; readonly ms: number }
  | { readonly type: 'topics'; readonly partitions: { readonly [topic: string]: number } }
  | { readonly type: 'restart' | 'hold' | 'release' }

export interface WalkClient {
  readonly instanceId: string | null
  readonly pattern: string | null
  readonly topics: readonly string[]
}

class Consumer {
  memberId: string
  epoch = 0
  topics: readonly string[]
  /** What it consumes, as `topic id:partition`. */
  owned = new Set<string>()
  target: ReadonlySet<string> = new Set()
  /** It has something to tell: everything after a lost answer, what it holds after a revocation. */
  news: 'all' | 'owned' | 'none' = 'all'
  asked: Asked<ConsumerGroupHeartbeatResponse> | undefined
  readonly given: WalkClient
  readonly #name: string
  #lives = 0

  constructor(given: WalkClient, place: number) {
    this.given = given
    this.topics = given.topics
    this.#name = `member ${place}`
    this.memberId = this.#name
  }

  /** Begins anew without partitions; `another` is a new process. */
  startOver(as: 'same' | 'another'): void {
    if (as === 'another') {
      this.#lives += 1
      this.memberId = `${this.#name} life ${this.#lives}`
    }
    this.epoch = 0
    this.owned = new Set()
    this.target = new Set()
    this.news = 'all'
    this.asked = undefined
  }

  request(): ConsumerGroupHeartbeatRequest {
    const { memberId, epoch, news, topics } = this
    const { instanceId, pattern } = this.given
    const topicPartitions = listed(this.owned)
    const subscription = { subscribedTopicRegex: pattern, instanceId }
    if (epoch === 0) return joining(memberId, topics, { ...subscription, topicPartitions: [] })
    if (news === 'all') {
      const all = { memberEpoch: epoch, topicPartitions, ...subscription }
      return joining(memberId, topics, all)
    }
    const told = news === 'owned' ? { topicPartitions } : {}
    return heartbeat({ memberId, memberEpoch: epoch, instanceId, ...told })
  }

  hear(): void {
    if (this.asked?.isAnswered() !== true) return
    const { errorCode, memberEpoch, assignment } = this.asked.response()
    this.asked = undefined
    const error = errorName(errorCode)
    if (error !== 'NONE') {
      expect([
        ...['UNKNOWN_MEMBER_ID', 'FENCED_MEMBER_EPOCH', 'UNRELEASED_INSTANCE_ID'],
        ...['FENCED_INSTANCE_ID', 'GROUP_ID_NOT_FOUND'],
      ]).toContain(error)
      this.startOver('same')
      return
    }
    expect(memberEpoch).toBeGreaterThanOrEqual(this.epoch)
    this.epoch = memberEpoch
    this.news = 'none'
    if (assignment === null) return
    this.target = new Set(
      assignment.topicPartitions.flatMap(({ topicId, partitions }) =>
        partitions.map(partition => `${topicId}:${partition}`),
      ),
    )
    for (const partition of this.target) this.owned.add(partition)
    this.news = 'owned'
  }

  revoke(): void {
    if (this.owned.size === this.target.size) return
    this.owned = new Set(this.target)
    this.news = this.news === 'all' ? 'all' : 'owned'
  }
}

function listed(owned: ReadonlySet<string>): { topicId: string; partitions: number[] }[] {
  const byTopic = new Map<string, number[]>()
  for (const name of owned) {
    const [topicId = '', partition] = name.split(':')
    byTopic.set(topicId, [...(byTopic.get(topicId) ?? []), Number(partition)])
  }
  return [...byTopic].map(([topicId, partitions]) => ({ topicId, partitions }))
}

export class ConsumerWalk {
  readonly shard: ConsumerShard
  readonly #clients: readonly Consumer[]
  #partitions: { readonly [topic: string]: number } = { orders: 4, users: 2 }
  #groupEpoch = 0

  constructor(clients: readonly WalkClient[]) {
    this.shard = consumerShard(imageOf(this.#partitions))
    this.#clients = clients.map((given, place) => new Consumer(given, place))
  }

  take(step: WalkStep): void {
    this.#do(step)
    for (const client of this.#clients) client.hear()
    this.#check()
  }

  /** How many heartbeats of all it takes until everybody has what it shall have. */
  settle(): number {
    this.take({ type: 'release' })
    this.take({ type: 'advance', ms: 45_000 })
    for (let round = 1; ; round++) {
      for (const client of this.#clients) {
        this.#beat(client)
        client.hear()
        client.revoke()
        this.#check()
      }
      if (this.#isSettled()) return round
      if (round > 12) throw new Error('the group does not come to rest')
      this.take({ type: 'advance', ms: 5_000 })
    }
  }

  #do(step: WalkStep): void {
    switch (step.type) {
      case 'beat':
      case 'lose':
      case 'revoke':
      case 'leave':
      case 'crash':
      case 'repeat':
      case 'subscribe': {
        const client = this.#clients[step.client % this.#clients.length]
        if (client !== undefined) this.#act(client, step)
        return
      }
      case 'advance':
        this.shard.advance(step.ms)
        return
      case 'topics':
        this.#partitions = step.partitions
        this.shard.changeImage(imageOf(step.partitions))
        return
      case 'restart':
        this.shard.restart()
        // Connections end with the broker, and so do the requests on them.
        for (const client of this.#clients) {
          if (client.asked !== undefined) client.news = 'all'
          client.asked = undefined
        }
        return
      case 'hold':
        this.shard.holdsResultOf = key =>
          key.endsWith('consumer-assignment') || key.endsWith('consumer-patterns')
        return
      case 'release':
        this.shard.holdsResultOf = () => false
        this.shard.releaseResults()
        return
    }
  }

  #act(client: Consumer, step: Extract<WalkStep, { readonly client: number }>): void {
    switch (step.type) {
      case 'beat':
        this.#beat(client)
        return
      case 'lose':
        this.#beat(client)
        client.asked = undefined
        client.news = 'all'
        return
      case 'repeat':
        client.news = 'all'
        return
      case 'revoke':
        client.revoke()
        return
      case 'subscribe':
        client.topics = step.topics
        client.news = 'all'
        return
      case 'crash':
        client.startOver('another')
        return
      case 'leave': {
        const { instanceId } = client.given
        const memberEpoch = instanceId === null ? -1 : -2
        askHeartbeat(this.shard, heartbeat({ memberId: client.memberId, memberEpoch, instanceId }))
        client.startOver('another')
        return
      }
    }
  }

  #beat(client: Consumer): void {
    if (client.asked !== undefined) return
    client.asked = askHeartbeat(this.shard, client.request())
  }

  #check(): void {
    const { shard } = this
    const group = shard.state.groups.get(GROUP)
    if (group === undefined) return
    if (group.kind !== 'consumer') throw new Error('the group is of another kind')
    expect(group.groupEpoch).toBeGreaterThanOrEqual(this.#groupEpoch)
    this.#groupEpoch = group.groupEpoch
    expect(group.assignmentEpoch).toBeLessThanOrEqual(group.groupEpoch)
    const owners = new Map<string, string>()
    for (const client of this.#clients) {
      const member = group.members.get(client.memberId)
      // One that the coordinator has fenced cannot commit: what it believes to own counts no more.
      if (member === undefined || client.epoch === 0) continue
      for (const partition of client.owned) {
        expect(owners.get(partition), 'G1: one owner for a partition').toBeUndefined()
        owners.set(partition, client.memberId)
        const [topicId = '', number] = partition.split(':')
        expect(group.owners.get(topicId)?.get(Number(number))).toBe(client.memberId)
      }
    }
    expect(hardState(shard.reloaded(shard.records))).toEqual(hardState(shard.state))
  }

  #isSettled(): boolean {
    const group = this.shard.state.groups.get(GROUP)
    if (group?.kind !== 'consumer' || describeState(group) !== 'Stable') return false
    if (group.members.size !== this.#clients.length || group.soft.waiting.size > 0) return false
    const owned = this.#clients.flatMap(client => [...client.owned])
    for (const client of this.#clients) {
      if (client.asked !== undefined || client.owned.size !== client.target.size) return false
      if (group.members.get(client.memberId)?.memberEpoch !== client.epoch) return false
    }
    return new Set(owned).size === owned.length && owned.length === this.#wantedCount()
  }

  #wantedCount(): number {
    const { image } = this.shard
    let count = 0
    for (const [name, { partitions }] of image.topics.byName) {
      const isWanted = this.#clients.some(
        ({ topics, given }) =>
          topics.includes(name) ||
          (given.pattern !== null && new RegExp(`^${given.pattern}$`).test(name)),
      )
      if (isWanted) count += partitions.length
    }
    return count
  }
}

function imageOf(partitions: { readonly [topic: string]: number }) {
  return imageWith(
    ...Object.entries(partitions).flatMap(([name, count]) =>
      count === 0 ? [] : newTopic(name, count),
    ),
  )
}
