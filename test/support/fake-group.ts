import {
  type Api,
  decodeAssignment,
  decodeSubscription,
  type ErrorName,
  encodeAssignment,
  errorCode,
  FindCoordinator,
  Heartbeat,
  JoinGroup,
  LeaveGroup,
  OffsetCommit,
  OffsetFetch,
  type RequestOf,
  SyncGroup,
} from '@varve/protocol'
import type { FakeCluster } from './fake-broker.ts'

/** One commit as the coordinator got it. */
export interface FakeCommit {
  readonly memberId: string
  readonly generationId: number
  readonly offsets: readonly string[]
}

/**
 * The coordinator of a classic group with one real member, on a fake cluster. What others would do, a test says: that the
 * group rebalances, what a follower is given, that an error comes next.
 */
export class FakeGroup {
  readonly cluster: FakeCluster
  readonly coordinatorId: number
  /** `topic-partition` to offset. */
  readonly committed = new Map<string, number>()
  readonly commits: FakeCommit[] = []
  readonly leaves: string[] = []
  generationId = 0
  memberId = ''
  /** What the member is given as a follower; undefined: it is the leader and divides itself. */
  given: readonly string[] | undefined
  /** Partitions as the last assignment named them. */
  assigned: readonly string[] = []
  isRebalancing = false
  #ids = 0

  constructor(cluster: FakeCluster, coordinatorId = 1) {
    this.cluster = cluster
    this.coordinatorId = coordinatorId
    cluster.always(FindCoordinator, ({ coordinatorKeys }) => ({
      coordinators: coordinatorKeys.map(key => ({
        key,
        nodeId: this.coordinatorId,
        host: `broker-${this.coordinatorId}`,
        port: 9092,
        errorCode: 0,
        errorMessage: null,
      })),
    }))
    cluster.always(JoinGroup, request => this.#join(request))
    cluster.always(SyncGroup, request => this.#sync(request))
    cluster.always(Heartbeat, request => ({ errorCode: errorCode(this.#heartbeat(request)) }))
    cluster.always(LeaveGroup, request => this.#leave(request))
    cluster.always(OffsetCommit, request => this.#commit(request))
    cluster.always(OffsetFetch, request => this.#fetch(request))
  }

  /** The next requests of this API are answered with these errors. */
  refuse(api: Api, ...names: readonly ErrorName[]): void {
    for (const name of names) {
      const code = errorCode(name)
      this.cluster.next(api, request => {
        if (api.key === OffsetCommit.key)
          return commitAnswer(request as RequestOf<typeof OffsetCommit>, code) as never
        if (api.key === OffsetFetch.key)
          return this.#fetch(request as RequestOf<typeof OffsetFetch>, code) as never
        return refusal(api, code) as never
      })
    }
  }

  /** The coordinator has forgotten the member: another one took its place. */
  expel(): void {
    this.memberId = 'somebody else'
    this.generationId += 1
  }

  /** The last subscription that the member sent, and the last request to join. */
  get joins(): RequestOf<typeof JoinGroup>[] {
    return this.cluster.requestsOf(JoinGroup) as RequestOf<typeof JoinGroup>[]
  }

  subscription(join: RequestOf<typeof JoinGroup> | undefined = this.joins.at(-1)) {
    return decodeSubscription(join?.protocols[0]?.metadata ?? Buffer.alloc(0))
  }

  #join(request: RequestOf<typeof JoinGroup>) {
    const isNew = request.memberId === ''
    if (isNew) {
      this.#ids += 1
      const memberId = `member-${this.#ids}`
      if (request.groupInstanceId === null)
        return { errorCode: errorCode('MEMBER_ID_REQUIRED'), memberId, ...nothing }
      this.memberId = memberId
    } else if (request.memberId !== this.memberId && request.memberId !== `member-${this.#ids}`)
      return { errorCode: errorCode('UNKNOWN_MEMBER_ID'), memberId: '', ...nothing }
    else this.memberId = request.memberId
    this.isRebalancing = false
    this.generationId += 1
    const { memberId } = this
    const { name, metadata } = request.protocols[0] as { name: string; metadata: Buffer }
    const isLeader = this.given === undefined
    return {
      errorCode: 0,
      generationId: this.generationId,
      protocolType: 'consumer',
      protocolName: name,
      leader: isLeader ? memberId : 'somebody else',
      skipAssignment: false,
      memberId,
      members: isLeader ? [{ memberId, groupInstanceId: request.groupInstanceId, metadata }] : [],
    }
  }

  #sync(request: RequestOf<typeof SyncGroup>) {
    const error = this.#check(request)
    const own = request.assignments.find(({ memberId }) => memberId === request.memberId)
    const assignment = Buffer.from(own?.assignment ?? assignmentOf(this.given ?? []))
    this.assigned = namesIn(assignment)
    const errorName = this.isRebalancing ? 'REBALANCE_IN_PROGRESS' : error
    return { errorCode: errorCode(errorName), assignment }
  }

  #heartbeat(request: RequestOf<typeof Heartbeat>): ErrorName {
    const error = this.#check(request)
    return error === 'NONE' && this.isRebalancing ? 'REBALANCE_IN_PROGRESS' : error
  }

  #check(request: { memberId: string; generationId: number }): ErrorName {
    if (request.memberId !== this.memberId) return 'UNKNOWN_MEMBER_ID'
    return request.generationId === this.generationId ? 'NONE' : 'ILLEGAL_GENERATION'
  }

  #leave(request: RequestOf<typeof LeaveGroup>) {
    for (const { memberId, reason } of request.members) this.leaves.push(`${memberId}: ${reason}`)
    return {
      errorCode: 0,
      members: request.members.map(({ memberId }) => ({
        memberId,
        groupInstanceId: null,
        errorCode: 0,
      })),
    }
  }

  #commit(request: RequestOf<typeof OffsetCommit>) {
    const { memberId, generationIdOrMemberEpoch: generationId } = request
    const error = generationId < 0 ? 'NONE' : this.#check({ memberId, generationId })
    const offsets = request.topics.flatMap(({ name, topicId, partitions }) =>
      partitions.map(({ partitionIndex, committedOffset }) => {
        const at = `${this.#name(name, topicId)}-${partitionIndex}`
        if (error === 'NONE') this.committed.set(at, committedOffset)
        return `${at}@${committedOffset}`
      }),
    )
    if (error === 'NONE') this.commits.push({ memberId, generationId, offsets })
    return commitAnswer(request, errorCode(error))
  }

  #fetch(request: RequestOf<typeof OffsetFetch>, code = 0) {
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
              code === 0
                ? (this.committed.get(`${this.#name(name, topicId)}-${partitionIndex}`) ?? -1)
                : -1,
            metadata: null,
            errorCode: code,
          })),
        })),
      })),
    }
  }

  #name(name: string, topicId: string): string {
    if (name !== '') return name
    const found = [...this.cluster.topics.values()].find(topic => topic.topicId === topicId)
    return found?.name ?? ''
  }
}

const nothing = { protocolName: null, leader: '', skipAssignment: false, members: [] }

function refusal(api: Api, code: number) {
  if (api.key === JoinGroup.key) return { errorCode: code, memberId: '', ...nothing }
  if (api.key === SyncGroup.key) return { errorCode: code, assignment: Buffer.alloc(0) }
  if (api.key === FindCoordinator.key) {
    const coordinator = { key: 'g', nodeId: -1, host: '', port: -1, errorMessage: null }
    return { coordinators: [{ ...coordinator, errorCode: code }] }
  }
  return { errorCode: code }
}

function commitAnswer(request: RequestOf<typeof OffsetCommit>, code: number) {
  return {
    topics: request.topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: code })),
    })),
  }
}

function assignmentOf(names: readonly string[]): Buffer {
  const assignedPartitions = names.map(name => {
    const [topic = '', partition = ''] = name.split('-')
    return { topic, partitions: [Number(partition)] }
  })
  return encodeAssignment(0, { assignedPartitions, userData: null })
}

function namesIn(assignment: Buffer): string[] {
  return decodeAssignment(assignment).assignedPartitions.flatMap(({ topic, partitions }) =>
    partitions.map(partition => `${topic}-${partition}`),
  )
}
