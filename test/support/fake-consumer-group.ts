import {
  ConsumerGroupHeartbeat,
  type ErrorName,
  errorCode,
  FindCoordinator,
  OffsetCommit,
  OffsetFetch,
  type RequestOf,
} from '@varve/protocol'
import type { FakeCluster } from './fake-broker.ts'

type HeartbeatRequest = RequestOf<typeof ConsumerGroupHeartbeat>

/** The coordinator of a KIP-848 group with one real member, which is given what a test says. */
export class FakeConsumerGroup {
  readonly cluster: FakeCluster
  readonly committed = new Map<string, number>()
  readonly commits: string[] = []
  memberId = ''
  memberEpoch = 0
  heartbeatIntervalMs = 1000
  #target: readonly string[] = []
  #isNews = false

  constructor(cluster: FakeCluster) {
    this.cluster = cluster
    cluster.always(FindCoordinator, ({ coordinatorKeys }) => ({
      coordinators: coordinatorKeys.map(key => ({
        key,
        nodeId: 1,
        host: 'broker-1',
        port: 9092,
        errorCode: 0,
        errorMessage: null,
      })),
    }))
    cluster.always(ConsumerGroupHeartbeat, request => this.#heartbeat(request))
    cluster.always(OffsetCommit, request => this.#commit(request))
    cluster.always(OffsetFetch, request => this.#fetch(request))
  }

  get heartbeats(): HeartbeatRequest[] {
    return this.cluster.requestsOf(ConsumerGroupHeartbeat) as HeartbeatRequest[]
  }

  /** The member shall own these from the next heartbeat on, in the next epoch. */
  give(...names: readonly string[]): void {
    this.#target = names
    this.#isNews = true
    if (this.memberEpoch > 0) this.memberEpoch += 1
  }

  refuse(...names: readonly ErrorName[]): void {
    for (const name of names)
      this.cluster.next(ConsumerGroupHeartbeat, () => ({ ...empty, errorCode: errorCode(name) }))
  }

  /** What a heartbeat says that the member owns, by name. */
  ownedIn({ topicPartitions }: HeartbeatRequest): string[] | null {
    if (topicPartitions === null) return null
    return topicPartitions.flatMap(({ topicId, partitions }) =>
      partitions.map(partition => `${this.#name(topicId)}-${partition}`),
    )
  }

  #heartbeat(request: HeartbeatRequest) {
    if (request.memberEpoch < 0) return { ...empty, memberEpoch: request.memberEpoch }
    if (request.memberEpoch === 0) {
      this.memberId = request.memberId
      this.memberEpoch += 1
      this.#isNews = true
    } else if (request.memberId !== this.memberId)
      return { ...empty, errorCode: errorCode('UNKNOWN_MEMBER_ID') }
    else if (request.memberEpoch > this.memberEpoch)
      return { ...empty, errorCode: errorCode('FENCED_MEMBER_EPOCH') }
    const isFull = request.rebalanceTimeoutMs >= 0
    const assignment = this.#isNews || isFull ? this.#assignment() : null
    this.#isNews = false
    const { memberId, memberEpoch, heartbeatIntervalMs } = this
    return { ...empty, memberId, memberEpoch, heartbeatIntervalMs, assignment }
  }

  #assignment() {
    return {
      topicPartitions: this.#target.map(name => {
        const [topic = '', partition = ''] = name.split('-')
        const topicId = this.cluster.topics.get(topic)?.topicId ?? ''
        return { topicId, partitions: [Number(partition)] }
      }),
    }
  }

  #commit(request: RequestOf<typeof OffsetCommit>) {
    const { memberId, generationIdOrMemberEpoch: epoch } = request
    const error: ErrorName =
      memberId !== this.memberId
        ? 'UNKNOWN_MEMBER_ID'
        : epoch === this.memberEpoch
          ? 'NONE'
          : 'STALE_MEMBER_EPOCH'
    return {
      topics: request.topics.map(({ name, topicId, partitions }) => ({
        name,
        topicId,
        partitions: partitions.map(({ partitionIndex, committedOffset }) => {
          const at = `${name || this.#name(topicId)}-${partitionIndex}`
          if (error === 'NONE') this.committed.set(at, committedOffset)
          this.commits.push(`${at}@${committedOffset} ${error}`)
          return { partitionIndex, errorCode: errorCode(error) }
        }),
      })),
    }
  }

  #fetch(request: RequestOf<typeof OffsetFetch>) {
    return {
      groups: request.groups.map(({ groupId, topics }) => ({
        groupId,
        errorCode: 0,
        topics: (topics ?? []).map(({ name, topicId, partitionIndexes }) => ({
          name,
          topicId,
          partitions: partitionIndexes.map(partitionIndex => ({
            partitionIndex,
            committedOffset:
              this.committed.get(`${name || this.#name(topicId)}-${partitionIndex}`) ?? -1,
            metadata: null,
            errorCode: 0,
          })),
        })),
      })),
    }
  }

  #name(topicId: string): string {
    const found = [...this.cluster.topics.values()].find(topic => topic.topicId === topicId)
    return found?.name ?? ''
  }
}

const empty = {
  errorCode: 0,
  errorMessage: null,
  memberId: null,
  memberEpoch: 0,
  heartbeatIntervalMs: 0,
  assignment: null,
}
