/** Members of groups as a walk moves them: what a client does that follows the protocol, as slowly as it likes. */
import {
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
  encodeAssignment,
  encodeSubscription,
  errorName,
  type HeartbeatResponse,
  type JoinGroupResponse,
  type LeaveGroupResponse,
  type OffsetCommitResponse,
  type SyncGroupResponse,
  ZERO_UUID,
} from '@varve/protocol'
import { heartbeat } from '../../packages/broker/src/coordinator/group/classic/heartbeat.ts'
import { joinGroup } from '../../packages/broker/src/coordinator/group/classic/join-group.ts'
import { leaveGroup } from '../../packages/broker/src/coordinator/group/classic/leave-group.ts'
import { syncGroup } from '../../packages/broker/src/coordinator/group/classic/sync-group.ts'
import { consumerGroupHeartbeat } from '../../packages/broker/src/coordinator/group/consumer/consumer-heartbeat.ts'
import { commitOffsets } from '../../packages/broker/src/coordinator/group/offsets/commit-offsets.ts'
import { topicIdOf } from '../support/metadata-image.ts'
import { type GroupLaws, placesOf, type SentCommit } from './group-laws.ts'
import type { HeldCoordinator, Sent } from './held-coordinator.ts'
import { holds } from './holds.ts'
import { listedPartitions } from './log-view.ts'

export const SESSION_MS = 10_000
export const REBALANCE_MS = 15_000

/** What members share. */
export interface Surroundings {
  readonly coordinator: HeldCoordinator
  readonly laws: GroupLaws
  /** A name that nobody had before. */
  readonly fresh: (name: string) => string
  /** Larger than any offset before. */
  readonly nextOffset: () => number
}

export interface MemberGiven {
  readonly groupId: string
  readonly instanceId: string | null
  readonly topics: readonly string[]
  readonly pattern: string | null
}

/** What every member can do, whichever protocol it speaks. */
export interface Member {
  readonly given: MemberGiven
  readonly memberId: string
  /** The generation or epoch of its assignment. */
  readonly epoch: number
  /** What it consumes, as `topic-partition`. */
  readonly owned: ReadonlySet<string>
  /** An error has told it that it is no member: it would begin anew. */
  readonly isOut: boolean
  act(): void
  /** Reads the answers that came. */
  hear(): void
  /** Its connection ends: requests on their way are answered to nobody. */
  disconnect(): void
  leave(): void
}

const caller = { clientId: 'client', clientHost: '/127.0.0.1' }

export class ConsumerMember implements Member {
  readonly given: MemberGiven
  memberId: string
  epoch = 0
  owned = new Set<string>()
  isOut = false
  readonly #around: Surroundings
  #target: ReadonlySet<string> = new Set()
  #news: 'all' | 'owned' | 'none' = 'all'
  #sent: Sent<ConsumerGroupHeartbeatResponse> | undefined
  #isRevoking = false

  constructor(around: Surroundings, given: MemberGiven) {
    this.#around = around
    this.given = given
    this.memberId = around.fresh('new')
  }

  act(): void {
    if (this.#sent !== undefined) return
    // Giving up takes a turn of its own.
    if (this.#isRevoking) {
      this.#isRevoking = false
      this.owned = new Set(this.#target)
      this.#news = this.#news === 'all' ? 'all' : 'owned'
    }
    this.#sent = this.#send(this.#request())
  }

  hear(): void {
    const response = this.#sent?.response
    if (this.#sent?.isRefused === true) return this.disconnect()
    if (response === undefined) return
    this.#sent = undefined
    const error = errorName(response.errorCode)
    if (error !== 'NONE') {
      const expected = ['UNKNOWN_MEMBER_ID', 'FENCED_MEMBER_EPOCH', 'UNRELEASED_INSTANCE_ID']
      expected.push('FENCED_INSTANCE_ID', 'GROUP_ID_NOT_FOUND')
      holds(expected.includes(error), 'a member that follows the protocol is told why', () => error)
      this.#beginAnew()
      return
    }
    holds(response.memberEpoch >= this.epoch, 'epochs grow')
    this.epoch = response.memberEpoch
    this.#news = 'none'
    if (response.assignment === null) return
    this.#target = new Set(listedPartitions(response.assignment.topicPartitions).map(this.#placeOf))
    for (const place of this.#target) this.owned.add(place)
    this.#isRevoking = this.owned.size > this.#target.size
    this.#news = 'owned'
  }

  disconnect(): void {
    if (this.#sent !== undefined) this.#news = 'all'
    this.#sent = undefined
  }

  leave(): void {
    const memberEpoch = this.given.instanceId === null ? -1 : -2
    this.#send(this.#described({ memberEpoch }))
  }

  #beginAnew(): void {
    this.isOut = true
    this.epoch = 0
    this.owned = new Set()
    this.#target = new Set()
    this.#isRevoking = false
    this.#news = 'all'
  }

  #described(changes: Partial<ConsumerGroupHeartbeatRequest>): ConsumerGroupHeartbeatRequest {
    return {
      groupId: this.given.groupId,
      memberId: this.memberId,
      memberEpoch: this.epoch,
      instanceId: this.given.instanceId,
      rackId: null,
      rebalanceTimeoutMs: -1,
      subscribedTopicNames: null,
      subscribedTopicRegex: null,
      serverAssignor: null,
      topicPartitions: null,
      ...changes,
    }
  }

  #request(): ConsumerGroupHeartbeatRequest {
    if (this.#news === 'none') return this.#described({})
    const topicPartitions = this.epoch === 0 ? [] : this.#listed()
    if (this.#news === 'owned') return this.#described({ topicPartitions })
    return this.#described({
      rebalanceTimeoutMs: REBALANCE_MS,
      subscribedTopicNames: [...this.given.topics],
      subscribedTopicRegex: this.given.pattern,
      topicPartitions,
    })
  }

  #send(request: ConsumerGroupHeartbeatRequest): Sent<ConsumerGroupHeartbeatResponse> {
    const freshId = this.#around.fresh('given')
    return this.#around.coordinator.ask<ConsumerGroupHeartbeatResponse>({
      decide: (state, ticket, moment) =>
        consumerGroupHeartbeat(
          state,
          { ...caller, freshId, request, apiVersion: 1, mayDescribe: () => true, ticket },
          moment,
        ),
      decided: (response, view) => {
        if (errorName(response.errorCode) !== 'NONE' || response.memberEpoch <= 0) return
        const current = view.group(request.groupId).current.get(request.memberId)
        holds(
          current?.memberEpoch === response.memberEpoch,
          'G3: the log has the epoch that is told',
        )
        if (response.assignment === null) return
        const told = listedPartitions(response.assignment.topicPartitions).sort().join()
        const inLog = listedPartitions(current?.assignedPartitions ?? [])
          .sort()
          .join()
        holds(
          told === inLog,
          'G3: the log has the assignment that is told',
          () => `${told}, ${inLog}`,
        )
      },
    })
  }

  #listed(): { topicId: string; partitions: number[] }[] {
    return [...this.owned].map(place => {
      const [topic = '', partition] = place.split('-')
      return { topicId: topicIdOf(topic), partitions: [Number(partition)] }
    })
  }

  /** Topic ids of a walk are the names, made longer. */
  readonly #placeOf = (partition: string): string => partition.replace(/A*:/, '-')
}

/** An eager one: it gives up everything before it joins. */
export class ClassicMember implements Member {
  readonly given: MemberGiven
  memberId = ''
  epoch = -1
  owned = new Set<string>()
  isOut = false
  readonly #around: Surroundings
  #state: 'out' | 'joined' | 'in' = 'out'
  #generation = -1
  #leads: readonly string[] | undefined
  #join: Sent<JoinGroupResponse> | undefined
  #sync: Sent<SyncGroupResponse> | undefined
  #beat: Sent<HeartbeatResponse> | undefined

  constructor(around: Surroundings, given: MemberGiven) {
    this.#around = around
    this.given = given
  }

  act(): void {
    if ((this.#join ?? this.#sync ?? this.#beat) !== undefined) return
    switch (this.#state) {
      case 'out':
        this.owned = new Set()
        this.#join = this.#askJoin()
        return
      case 'joined':
        this.#sync = this.#askSync()
        return
      case 'in':
        this.#beat = this.#askBeat()
    }
  }

  hear(): void {
    if ((this.#join ?? this.#sync ?? this.#beat)?.isRefused === true) return this.disconnect()
    const joined = this.#join?.response
    if (joined !== undefined) this.#hearJoin(joined)
    const synced = this.#sync?.response
    if (synced !== undefined) this.#hearSync(synced)
    const beaten = this.#beat?.response
    if (beaten === undefined) return
    this.#beat = undefined
    const error = errorName(beaten.errorCode)
    if (error !== 'NONE') this.#startOver(error)
  }

  disconnect(): void {
    if (this.#join !== undefined || this.#sync !== undefined) this.#state = 'out'
    this.#join = undefined
    this.#sync = undefined
    this.#beat = undefined
  }

  leave(): void {
    const { groupId, instanceId } = this.given
    // A static member goes without a word.
    if (this.memberId === '' || instanceId !== null) return
    const { memberId } = this
    const members = [{ memberId, groupInstanceId: null, reason: null }]
    const request = { groupId, memberId: '', members }
    this.#ask<LeaveGroupResponse>(5, {
      decide: (state, asked, moment) => leaveGroup(state, { ...asked, request }, moment),
      decided: (response, view) => {
        if (response.members.some(({ errorCode }) => errorCode !== 0)) return
        const { classic, members: left } = view.group(groupId)
        const isThere = classic?.members.some(one => one.memberId === memberId) === true
        // The record of a classic group follows with the end of the round.
        holds(!left.has(memberId) || isThere, 'G3: who has left is gone')
      },
    })
  }

  get #name() {
    const { groupId, instanceId } = this.given
    return { groupId, memberId: this.memberId, groupInstanceId: instanceId }
  }

  #askJoin(): Sent<JoinGroupResponse> {
    const metadata = encodeSubscription(1, {
      topics: [...this.given.topics],
      ownedPartitions: [],
    })
    const request = {
      ...this.#name,
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: REBALANCE_MS,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata }],
      reason: null,
    }
    const { groupId } = request
    let lives: number | undefined
    return this.#ask<JoinGroupResponse>(9, {
      decide: (state, asked, moment) => joinGroup(state, { ...asked, request }, moment),
      decided: (_, view) => {
        const group = view.group(groupId)
        if (group.classic !== undefined) lives = group.lives
      },
      left: ({ errorCode, generationId, leader, memberId, members }) => {
        if (errorCode !== 0) return
        const { laws } = this.#around
        const known = members.map(one => [one.memberId, one.groupInstanceId] as const)
        laws.namesLeft([[memberId, this.given.instanceId], ...known])
        if (lives === undefined) return
        const ids = members.map(one => one.memberId)
        laws.joinLeft(`${groupId} ${lives}/${generationId}`, { leader, members: ids })
      },
    })
  }

  #hearJoin(response: JoinGroupResponse): void {
    this.#join = undefined
    const error = errorName(response.errorCode)
    if (error === 'MEMBER_ID_REQUIRED') {
      this.memberId = response.memberId
      return
    }
    if (error !== 'NONE') return this.#startOver(error)
    const { memberId, generationId, leader, members, skipAssignment } = response
    this.memberId = memberId
    this.#generation = generationId
    this.#state = 'joined'
    const leads = leader === memberId && !skipAssignment
    this.#leads = leads ? members.map(one => one.memberId) : undefined
  }

  #askSync(): Sent<SyncGroupResponse> {
    const { groupId } = this.given
    const { memberId } = this
    const request = {
      ...this.#name,
      generationId: this.#generation,
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: this.#leads === undefined ? [] : this.#shared(this.#leads),
    }
    let lives: number | undefined
    return this.#ask<SyncGroupResponse>(5, {
      decide: (state, asked, moment) => syncGroup(state, { ...asked, request }, moment),
      decided: (response, view) => {
        if (response.errorCode !== 0) return
        const group = view.group(groupId)
        lives = group.classic === undefined ? undefined : group.lives
        const told = placesOf(response.assignment).sort().join()
        if (group.classic !== undefined) {
          const inLog = group.classic.members.find(one => one.memberId === memberId)
          holds(group.classic.generation === request.generationId, 'G3: the log has the generation')
          const has = inLog && placesOf(inLog.assignment).sort().join()
          holds(has === told, 'G3: the log has the assignment', () => `${told}, ${has}`)
          return
        }
        const current = group.current.get(memberId)
        const has = listedPartitions(current?.assignedPartitions ?? []).map(one =>
          one.replace(/A*:/, '-'),
        )
        // Topics that are gone have no name in an assignment.
        const isTold = placesOf(response.assignment).every(place => has.includes(place))
        holds(isTold, 'G3: the log has the assignment of a classic member', () => `${told}, ${has}`)
      },
      left: response => {
        if (response.errorCode !== 0 || lives === undefined) return
        const owner = this.given.instanceId ?? memberId
        const place = { groupId, owner, epoch: request.generationId }
        this.#around.laws.assignmentLeft(place, placesOf(response.assignment), lives)
      },
    })
  }

  #hearSync({ errorCode, assignment }: SyncGroupResponse): void {
    this.#sync = undefined
    if (errorCode !== 0) return this.#startOver(errorName(errorCode))
    this.#state = 'in'
    this.epoch = this.#generation
    this.owned = new Set(placesOf(assignment))
  }

  #askBeat(): Sent<HeartbeatResponse> {
    const request = { ...this.#name, generationId: this.#generation }
    return this.#ask<HeartbeatResponse>(4, {
      decide: (state, asked, moment) => heartbeat(state, { ...asked, request }, moment),
    })
  }

  #startOver(error: string): void {
    const expected = ['REBALANCE_IN_PROGRESS', 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION']
    expected.push('FENCED_INSTANCE_ID', 'UNKNOWN_SERVER_ERROR')
    holds(expected.includes(error), 'a classic member is told why', () => error)
    if (error !== 'REBALANCE_IN_PROGRESS') {
      this.isOut = true
      this.#generation = -1
    }
    if (error === 'UNKNOWN_MEMBER_ID' || error === 'FENCED_INSTANCE_ID') this.memberId = ''
    this.owned = new Set()
    this.#state = 'out'
  }

  /** A leader's assignment: turn by turn. */
  #shared(memberIds: readonly string[]) {
    const { byName } = this.#around.coordinator.image.topics
    const all = this.given.topics.flatMap(topic =>
      (byName.get(topic)?.partitions ?? []).map((_, partition) => ({
        topic,
        partitions: [partition],
      })),
    )
    return memberIds.map((memberId, place) => {
      const assignedPartitions = all.filter((_, one) => one % memberIds.length === place)
      return { memberId, assignment: encodeAssignment(1, { assignedPartitions, userData: null }) }
    })
  }

  #ask<Response>(
    apiVersion: number,
    question: {
      decide: (
        state: Parameters<typeof joinGroup>[0],
        asked: typeof caller & { apiVersion: number; freshId: string; ticket: { number: number } },
        moment: Parameters<typeof joinGroup>[2],
      ) => ReturnType<typeof joinGroup>
      decided?: (response: Response, view: HeldCoordinator['view']) => void
      left?: (response: Response) => void
    },
  ): Sent<Response> {
    const asked = { ...caller, apiVersion, freshId: this.#around.fresh('id') }
    return this.#around.coordinator.ask<Response>({
      ...question,
      decide: (state, ticket, moment) => question.decide(state, { ...asked, ticket }, moment),
    })
  }
}

/** Commits what comes next in each of the places. */
export function sendCommit(
  { coordinator, laws, nextOffset }: Surroundings,
  who: Omit<SentCommit, 'offsets' | 'at' | 'lives'> & { readonly instanceId: string | null },
  places: Iterable<string>,
): Sent<OffsetCommitResponse> {
  const offsets = new Map([...places].map(place => [place, nextOffset()]))
  const commit: SentCommit = { ...who, offsets, at: new Map(), lives: 0 }
  const request = {
    groupId: who.groupId,
    memberId: who.memberId,
    instanceId: who.instanceId,
    generationIdOrMemberEpoch: who.epoch,
    retentionTimeMs: -1,
    topics: [...commit.offsets].map(([place, committedOffset]) => {
      const [name = '', partitionIndex] = place.split('-')
      const topic = coordinator.image.topics.byName.get(name)
      return {
        name,
        topicId: ZERO_UUID,
        topic: topic ?? ('UNKNOWN_TOPIC_OR_PARTITION' as const),
        partitions: [
          {
            partitionIndex: Number(partitionIndex),
            committedOffset,
            committedLeaderEpoch: -1,
            committedMetadata: null,
          },
        ],
      }
    }),
  }
  const asked = { ...caller, apiVersion: 9, freshId: '' }
  return coordinator.ask<OffsetCommitResponse>({
    decide: (state, ticket, moment) => commitOffsets(state, { ...asked, request, ticket }, moment),
    decided: (response, view) => laws.commitDecided(commit, response, view),
    left: response => laws.commitLeft(commit, response),
  })
}
