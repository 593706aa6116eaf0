/**
 * Many members of one group in a process of their own, over few connections. Started with `fork`; a message says what to do, the answer says
 * when everybody was at rest again. Members are as light as they can be: they act, and read what they need of the answers.
 */
import { connect, type Socket } from 'node:net'
import {
  type Api,
  ConsumerGroupHeartbeat,
  type ConsumerGroupHeartbeatResponse,
  decodeResponse,
  encodeAssignment,
  encodeRequest,
  encodeSubscription,
  errorName,
  Heartbeat,
  JoinGroup,
  LeaveGroup,
  type RequestInput,
  type ResponseOf,
  SyncGroup,
} from '@varve/protocol'

export interface CrowdPlan {
  readonly port: number
  readonly groupId: string
  readonly protocol: 'classic' | 'consumer'
  readonly members: number
  /** A multiple of three: see `Lines`. */
  readonly connections: number
  readonly topic: string
  readonly partitions: number
  /** Between two heartbeats of a member. */
  readonly beatMs: number
}

/** `leave`: so many go, and as many new ones come. */
export type CrowdOrder =
  | { readonly type: 'begin'; readonly plan: CrowdPlan }
  | { readonly type: 'change'; readonly members: number }

export interface CrowdRest {
  readonly elapsedMs: number
  /** Answers that came meanwhile. */
  readonly answers: number
}

/** One connection; answers come in the order of the requests. */
class Line {
  answers = 0
  readonly #socket: Socket
  readonly #waiting: ((frame: Buffer) => void)[] = []
  #received: Buffer[] = []
  #receivedBytes = 0

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.on('data', chunk => this.#take(chunk))
    this.#socket.on('error', error => fail(error))
    this.#socket.on('close', () => fail(new Error('the broker closed a connection')))
  }

  ask<A extends Api>(api: A, version: number, request: RequestInput<A>): Promise<ResponseOf<A>> {
    const header = { correlationId: 1, clientId: 'crowd' }
    this.#socket.cork()
    for (const part of encodeRequest(api, version, header, request)) this.#socket.write(part)
    process.nextTick(() => this.#socket.uncork())
    return new Promise(resolve => {
      this.#waiting.push(frame => resolve(decodeResponse(api, version, frame).response))
    })
  }

  #take(chunk: Buffer): void {
    this.#received.push(chunk)
    this.#receivedBytes += chunk.length
    if (this.#receivedBytes < 4) return
    let all = this.#received.length === 1 ? chunk : undefined
    const first = this.#received[0] as Buffer
    if (all === undefined && first.length >= 4 && this.#receivedBytes < 4 + first.readInt32BE(0)) {
      return
    }
    all ??= Buffer.concat(this.#received)
    while (all.length >= 4 && all.length >= 4 + all.readInt32BE(0)) {
      const end = 4 + all.readInt32BE(0)
      this.answers += 1
      this.#waiting.shift()?.(all.subarray(4, end))
      all = all.subarray(end)
    }
    this.#received = all.length === 0 ? [] : [all]
    this.#receivedBytes = all.length
  }
}

/**
 * What waits for other members holds up what comes behind it on its connection. So requests that are answered at once have
 * connections of their own.
 */
interface Lines {
  readonly atOnce: Line
  readonly joins: Line
  readonly syncs: Line
}

interface CrowdMember {
  /** The generation or epoch at which it has all it shall have; undefined before. */
  readonly restsAt: number | undefined
  readonly ownedCount: number
  run(): Promise<void>
  leave(): void
}

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

class ClassicCrowdMember implements CrowdMember {
  restsAt: number | undefined
  ownedCount = 0
  readonly #plan: CrowdPlan
  readonly #lines: Lines
  #memberId = ''
  #isGone = false

  constructor(plan: CrowdPlan, lines: Lines) {
    this.#plan = plan
    this.#lines = lines
  }

  async run(): Promise<void> {
    while (!this.#isGone) {
      const generationId = await this.#joined()
      if (generationId === undefined) continue
      this.restsAt = generationId
      while (this.restsAt !== undefined && !this.#isGone) {
        await sleep(this.#plan.beatMs)
        if (this.#isGone) return
        const { errorCode } = await this.#lines.atOnce.ask(Heartbeat, 4, {
          groupId: this.#plan.groupId,
          generationId,
          memberId: this.#memberId,
          groupInstanceId: null,
        })
        if (errorCode !== 0) this.restsAt = undefined
      }
    }
  }

  leave(): void {
    this.#isGone = true
    this.restsAt = undefined
    const member = { memberId: this.#memberId, groupInstanceId: null, reason: null }
    void this.#lines.atOnce.ask(LeaveGroup, 5, { groupId: this.#plan.groupId, members: [member] })
  }

  async #joined(): Promise<number | undefined> {
    const { groupId, topic } = this.#plan
    const line = this.#memberId === '' ? this.#lines.atOnce : this.#lines.joins
    const joined = await line.ask(JoinGroup, 9, {
      groupId,
      sessionTimeoutMs: 60_000,
      rebalanceTimeoutMs: 60_000,
      memberId: this.#memberId,
      groupInstanceId: null,
      protocolType: 'consumer',
      protocols: [
        {
          name: 'range',
          metadata: encodeSubscription(1, { topics: [topic], ownedPartitions: [] }),
        },
      ],
      reason: null,
    })
    const error = errorName(joined.errorCode)
    if (error === 'MEMBER_ID_REQUIRED') this.#memberId = joined.memberId
    if (error === 'UNKNOWN_MEMBER_ID') this.#memberId = ''
    if (error !== 'NONE') return undefined
    const isLeader = joined.leader === joined.memberId
    const { errorCode, assignment } = await this.#lines.syncs.ask(SyncGroup, 5, {
      groupId,
      generationId: joined.generationId,
      memberId: this.#memberId,
      groupInstanceId: null,
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: isLeader ? this.#shared(joined.members.map(one => one.memberId)) : [],
    })
    if (errorCode !== 0) return undefined
    this.ownedCount = assignment.length
    return joined.generationId
  }

  #shared(memberIds: readonly string[]) {
    const { partitions, topic } = this.#plan
    return memberIds.map((memberId, place) => {
      const numbers: number[] = []
      for (let one = place; one < partitions; one += memberIds.length) numbers.push(one)
      const assignedPartitions = [{ topic, partitions: numbers }]
      return { memberId, assignment: encodeAssignment(1, { assignedPartitions, userData: null }) }
    })
  }
}

let lastMember = 0

class ConsumerCrowdMember implements CrowdMember {
  restsAt: number | undefined
  ownedCount = 0
  readonly #plan: CrowdPlan
  readonly #lines: Lines
  readonly #memberId = `member-${(lastMember += 1)}`
  #epoch = 0
  #isGone = false

  constructor(plan: CrowdPlan, lines: Lines) {
    this.#plan = plan
    this.#lines = lines
  }

  async run(): Promise<void> {
    const { groupId, topic, beatMs } = this.#plan
    let owned: { topicId: string; partitions: number[] }[] | null = []
    while (!this.#isGone) {
      const isNew = this.#epoch === 0
      const line = isNew ? this.#lines.joins : this.#lines.atOnce
      const response: ConsumerGroupHeartbeatResponse = await line.ask(ConsumerGroupHeartbeat, 1, {
        groupId,
        memberId: this.#memberId,
        memberEpoch: this.#epoch,
        instanceId: null,
        rackId: null,
        rebalanceTimeoutMs: isNew ? 60_000 : -1,
        subscribedTopicNames: isNew ? [topic] : null,
        subscribedTopicRegex: null,
        serverAssignor: null,
        topicPartitions: owned,
      })
      if (this.#isGone) return
      const { errorCode, memberEpoch, assignment } = response
      if (errorCode !== 0) {
        this.#epoch = 0
        owned = []
        continue
      }
      this.#epoch = memberEpoch
      owned = null
      if (assignment !== null) {
        const told = assignment.topicPartitions
        owned = told.map(({ topicId, partitions }) => ({ topicId, partitions: [...partitions] }))
        this.ownedCount = told.reduce((sum, { partitions }) => sum + partitions.length, 0)
      }
      this.restsAt = memberEpoch
      // What it gave up it says at once, as clients do.
      if (owned === null) await sleep(beatMs)
    }
  }

  leave(): void {
    this.#isGone = true
    this.restsAt = undefined
    void this.#lines.atOnce.ask(ConsumerGroupHeartbeat, 1, {
      groupId: this.#plan.groupId,
      memberId: this.#memberId,
      memberEpoch: -1,
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: -1,
      subscribedTopicNames: null,
      subscribedTopicRegex: null,
      serverAssignor: null,
      topicPartitions: null,
    })
  }
}

let plan: CrowdPlan | undefined
let lines: Line[] = []
let crowd: CrowdMember[] = []
const RESTS_WITHIN_MS = 120_000

function newMember(given: CrowdPlan, place: number): CrowdMember {
  const atOf = (kind: number): Line => lines[(3 * place + kind) % lines.length] as Line
  const own: Lines = { atOnce: atOf(0), joins: atOf(1), syncs: atOf(2) }
  const member =
    given.protocol === 'classic'
      ? new ClassicCrowdMember(given, own)
      : new ConsumerCrowdMember(given, own)
  member.run().catch(fail)
  return member
}

async function follow(order: CrowdOrder): Promise<CrowdRest> {
  if (order.type === 'begin') {
    plan = order.plan
    lines = Array.from({ length: plan.connections }, () => new Line(order.plan.port))
    const given = plan
    crowd = Array.from({ length: plan.members }, (_, place) => newMember(given, place))
  } else {
    const given = plan as CrowdPlan
    for (const member of crowd.splice(0, order.members)) member.leave()
    for (let place = 0; place < order.members; place += 1) crowd.push(newMember(given, place))
  }
  const answered = lines.reduce((sum, { answers }) => sum + answers, 0)
  const began = performance.now()
  while (!isAtRest(plan as CrowdPlan)) {
    if (performance.now() - began > RESTS_WITHIN_MS) {
      throw new Error(
        `${crowd.filter(({ restsAt }) => restsAt !== undefined).length} of ${crowd.length} are at rest`,
      )
    }
    await sleep(10)
  }
  const elapsedMs = performance.now() - began
  return { elapsedMs, answers: lines.reduce((sum, one) => sum + one.answers, 0) - answered }
}

function isAtRest({ protocol, partitions }: CrowdPlan): boolean {
  const at = crowd[0]?.restsAt
  if (at === undefined || crowd.some(({ restsAt }) => restsAt !== at)) return false
  if (protocol === 'classic') return true
  return crowd.reduce((sum, { ownedCount }) => sum + ownedCount, 0) === partitions
}

function fail(error: unknown): void {
  process.send?.({ problem: String(error) })
}

process.on('message', (order: CrowdOrder) => {
  follow(order).then(rest => process.send?.({ rest }), fail)
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
