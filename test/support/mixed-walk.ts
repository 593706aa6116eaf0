/** Consumers of both protocols in one group, which is upgraded and downgraded under them (KIP-848): what must hold all the same. */
import {
  type ConsumerGroupHeartbeatResponse,
  decodeAssignment,
  encodeAssignment,
  errorName,
  type JoinGroupResponse,
} from '@varve/protocol'
import { expect } from 'vitest'
import { askJoin, askSync, classicBeat, classicLeave } from './classic-members.ts'
import {
  askHeartbeat,
  beat,
  type ConsumerShard,
  consumerShard,
  GROUP,
  heartbeat,
  joining,
} from './consumer-shard.ts'
import { imageWith, newTopic } from './metadata-image.ts'
import type { Asked } from './pure-shard.ts'

export type MixedStep =
  | { readonly type: 'act' | 'leave' | 'crash' | 'roll'; readonly client: number }
  | { readonly type: 'advance'; readonly ms: number }
  | { readonly type: 'restart' }

const TOPICS = ['orders', 'users']
const image = imageWith(...newTopic('orders', 4), ...newTopic('users', 3))
const PARTITION_COUNT = 7

/** What every client can do, whichever protocol it speaks. */
interface MixedClient {
  readonly memberId: string
  /** What it consumes, as `topic-partition`. */
  readonly owned: ReadonlySet<string>
  act(): void
  /** The answers that came meanwhile. */
  hear(): void
  /** The broker ended, and with it the requests on their way. */
  disconnect(): void
  leave(): void
}

class NewClient implements MixedClient {
  owned = new Set<string>()
  readonly memberId: string
  readonly #shard: ConsumerShard
  #epoch = 0
  #asked: Asked<ConsumerGroupHeartbeatResponse> | undefined
  #news: 'all' | 'owned' | 'none' = 'all'

  constructor(shard: ConsumerShard, memberId: string) {
    this.#shard = shard
    this.memberId = memberId
  }

  act(): void {
    if (this.#asked !== undefined) return
    const { memberId } = this
    const memberEpoch = this.#epoch
    const topicPartitions = listed(this.owned)
    const all = joining(memberId, TOPICS, { memberEpoch, topicPartitions })
    const some = heartbeat({ memberId, memberEpoch })
    const owned = { ...some, topicPartitions }
    this.#asked = askHeartbeat(this.#shard, { all, owned, none: some }[this.#news])
  }

  hear(): void {
    if (this.#asked?.isAnswered() !== true) return
    const { errorCode, memberEpoch, assignment } = this.#asked.response()
    this.#asked = undefined
    this.#news = 'none'
    if (errorCode !== 0) {
      const expected = ['UNKNOWN_MEMBER_ID', 'FENCED_MEMBER_EPOCH', 'GROUP_ID_NOT_FOUND']
      expect(expected).toContain(errorName(errorCode))
      this.#epoch = 0
      this.owned = new Set()
      this.#news = 'all'
      return
    }
    this.#epoch = memberEpoch
    if (assignment === null) return
    this.owned = new Set(
      assignment.topicPartitions.flatMap(({ topicId, partitions }) =>
        partitions.map(one => `${image.topics.byId.get(topicId)?.name}-${one}`),
      ),
    )
    this.#news = 'owned'
  }

  disconnect(): void {
    if (this.#asked !== undefined) this.#news = 'all'
    this.#asked = undefined
  }

  leave(): void {
    beat(this.#shard, heartbeat({ memberId: this.memberId, memberEpoch: -1 }))
  }
}

/** An eager one: it gives up everything before it joins. */
class OldClient implements MixedClient {
  owned = new Set<string>()
  memberId = ''
  readonly #shard: ConsumerShard
  readonly #freshId: string
  #generationId = -1
  #state: 'out' | 'joined' | 'in' = 'out'
  #joining: Asked<JoinGroupResponse> | undefined
  #syncing: ReturnType<typeof askSync> | undefined
  #assignments: { readonly memberId: string; readonly assignment: Uint8Array }[] = []

  constructor(shard: ConsumerShard, freshId: string) {
    this.#shard = shard
    this.#freshId = freshId
  }

  act(): void {
    if (this.#joining !== undefined || this.#syncing !== undefined) return
    switch (this.#state) {
      case 'out':
        this.owned = new Set()
        // The id that the broker would give: made up here, so that no two get the same.
        if (this.memberId === '') this.#learnId()
        this.#joining = askJoin(this.#shard, this.memberId, { topics: TOPICS })
        return
      case 'joined':
        this.#syncing = askSync(this.#shard, this.memberId, this.#generationId, this.#assignments)
        return
      case 'in': {
        const error = classicBeat(this.#shard, this.memberId, this.#generationId)
        if (error !== 'NONE') this.#startOver(error)
      }
    }
  }

  hear(): void {
    if (this.#joining?.isAnswered() === true) this.#hearJoin(this.#joining.response())
    if (this.#syncing?.isAnswered() !== true) return
    const { errorCode, assignment } = this.#syncing.response()
    this.#syncing = undefined
    if (errorCode !== 0) return this.#startOver(errorName(errorCode) ?? '')
    this.#state = 'in'
    const { assignedPartitions } = decodeAssignment(assignment)
    this.owned = new Set(
      assignedPartitions.flatMap(({ topic, partitions }) =>
        partitions.map(one => `${topic}-${one}`),
      ),
    )
  }

  disconnect(): void {
    if (this.#joining === undefined && this.#syncing === undefined) return
    this.#joining = undefined
    this.#syncing = undefined
    this.#state = 'out'
  }

  leave(): void {
    if (this.memberId !== '') classicLeave(this.#shard, [this.memberId])
  }

  #learnId(): void {
    const asked = askJoin(this.#shard, '', { topics: TOPICS, freshId: this.#freshId })
    const { errorCode, memberId } = asked.response()
    expect(errorName(errorCode)).toBe('MEMBER_ID_REQUIRED')
    this.memberId = memberId
  }

  #hearJoin({ errorCode, generationId, leader, members }: JoinGroupResponse): void {
    this.#joining = undefined
    if (errorCode !== 0) return this.#startOver(errorName(errorCode) ?? '')
    this.#state = 'joined'
    this.#generationId = generationId
    this.#assignments = leader === this.memberId ? shared(members.map(one => one.memberId)) : []
  }

  #startOver(error: string): void {
    expect(['REBALANCE_IN_PROGRESS', 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION']).toContain(error)
    if (error === 'UNKNOWN_MEMBER_ID') this.memberId = ''
    if (error !== 'REBALANCE_IN_PROGRESS') this.#generationId = -1
    this.owned = new Set()
    this.#state = 'out'
  }
}

/** A leader's assignment: turn by turn. */
function shared(memberIds: readonly string[]) {
  const all = [...image.topics.byName.values()].flatMap(({ name, partitions }) =>
    partitions.map((_, partition) => ({ topic: name, partitions: [partition] })),
  )
  return memberIds.map((memberId, place) => {
    const assignedPartitions = all.filter((_, one) => one % memberIds.length === place)
    return { memberId, assignment: encodeAssignment(1, { assignedPartitions, userData: null }) }
  })
}

function listed(owned: ReadonlySet<string>): { topicId: string; partitions: number[] }[] {
  return [...owned].map(name => {
    const [topic = '', partition] = name.split('-')
    const topicId = image.topics.byName.get(topic)?.topicId ?? ''
    return { topicId, partitions: [Number(partition)] }
  })
}

export class MixedWalk {
  readonly shard: ConsumerShard = consumerShard(image)
  readonly #clients: MixedClient[]
  readonly #protocols: ('new' | 'old')[]
  #lives = 0

  constructor(protocols: readonly ('new' | 'old')[]) {
    this.#protocols = [...protocols]
    this.#clients = protocols.map(protocol => this.#another(protocol))
  }

  take(step: MixedStep): void {
    this.#do(step)
    for (const client of this.#clients) client.hear()
    this.#check()
  }

  /** How many turns of all it takes until everybody has its share. */
  settle(): number {
    // Members that crashed and the ids that nobody came back with are forgotten.
    for (let passed = 0; passed < 120_000; passed += 5_000) this.#everybodyActs()
    for (let round = 1; ; round++) {
      if (this.#isSettled()) return round
      if (round > 30) throw new Error('the group does not come to rest')
      this.#everybodyActs()
    }
  }

  #everybodyActs(): void {
    for (const place of this.#clients.keys()) this.take({ type: 'act', client: place })
    this.take({ type: 'advance', ms: 5_000 })
  }

  #another(protocol: 'new' | 'old'): MixedClient {
    this.#lives += 1
    const id = `${protocol} ${this.#lives}`
    return protocol === 'new' ? new NewClient(this.shard, id) : new OldClient(this.shard, id)
  }

  #do(step: MixedStep): void {
    if (step.type === 'advance') {
      this.shard.advance(step.ms)
      return
    }
    if (step.type === 'restart') {
      this.shard.restart()
      for (const client of this.#clients) client.disconnect()
      return
    }
    const place = step.client % this.#clients.length
    const client = this.#clients[place]
    const protocol = this.#protocols[place]
    if (client === undefined || protocol === undefined) return
    switch (step.type) {
      case 'act':
        client.act()
        return
      case 'leave':
      case 'crash':
      case 'roll': {
        if (step.type !== 'crash') client.leave()
        const other = protocol === 'new' ? 'old' : 'new'
        const next = step.type === 'roll' ? other : protocol
        this.#protocols[place] = next
        this.#clients[place] = this.#another(next)
      }
    }
  }

  #check(): void {
    const group = this.shard.state.groups.get(GROUP)
    const again = this.shard.reloaded(this.shard.records).groups.get(GROUP)
    if (group?.kind === 'classic') {
      if (group.settled === null) expect(again).toBeUndefined()
      else expect(again).toMatchObject({ kind: 'classic', settled: group.settled })
      return
    }
    if (group === undefined || group.members.size === 0) return
    const { soft: _soft, ...hard } = group
    expect(again).toMatchObject({ ...hard })
    for (const { memberId, owned } of this.#clients) {
      if (!group.members.has(memberId)) continue
      for (const name of owned) {
        const [topic = '', partition] = name.split('-')
        const topicId = image.topics.byName.get(topic)?.topicId ?? ''
        expect(group.owners.get(topicId)?.get(Number(partition)), 'G1').toBe(memberId)
      }
    }
  }

  #isSettled(): boolean {
    const all = this.#clients.flatMap(({ owned }) => [...owned])
    if (all.length !== PARTITION_COUNT || new Set(all).size !== PARTITION_COUNT) return false
    const group = this.shard.state.groups.get(GROUP)
    const wanted = this.#protocols.includes('new') ? 'consumer' : 'classic'
    return group?.kind === wanted && group.members.size === this.#clients.length
  }
}
