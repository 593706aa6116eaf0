/** Clients of a classic group as a model walks them, and what must hold after every step. */
import { encodeSubscription, type JoinGroupResponse, type SyncGroupResponse } from '@varve/protocol'
import { expect } from 'vitest'
import type { ClassicGroup } from '../../packages/broker/src/coordinator/group/classic/classic-group.ts'
import { storedBytesOf } from '../../packages/broker/src/coordinator/group/classic/classic-members.ts'
import {
  joinTimer,
  sessionTimer,
  syncTimer,
} from '../../packages/broker/src/coordinator/group/classic/classic-timers.ts'
import { validateClassicCommit } from '../../packages/broker/src/coordinator/group/classic/validate-classic-commit.ts'
import type { GroupRules } from '../../packages/broker/src/coordinator/group/group-rules.ts'
import { ClassicShard, GROUP, REBALANCE_MS, SESSION_MS, type Told } from './classic-shard.ts'

/** What a walk does next. */
export type WalkStep =
  | {
      readonly type: 'act' | 'crash' | 'leave' | 'pause' | 'change' | 'commit'
      readonly client: number
    }
  | { readonly type: 'advance'; readonly ms: number }
  | { readonly type: 'restart' }

interface Client {
  readonly instanceId: string | null
  readonly apiVersion: number
  memberId: string
  generationId: number
  /** What was assigned in this generation; undefined before the answer of SyncGroup. */
  assignment: string | undefined
  topics: readonly string[]
  join: Told<JoinGroupResponse> | undefined
  sync: Told<SyncGroupResponse> | undefined
  /** Steps that it sleeps through. */
  pausedFor: number
}

export class ClassicWalk {
  readonly shard: ClassicShard
  readonly clients: Client[]
  /** By generation: the members that its leader was told. */
  readonly #told = new Map<number, string>()
  /** By generation: the assignment that its answers come from, and who has which place of it. */
  readonly #plans = new Map<number, string>()
  readonly #places = new Map<string, string>()
  #largestSettled = 0
  #lastPlan = 0
  #reloaded: { readonly records: number; readonly settled: ClassicGroup['settled'] } = {
    records: 0,
    settled: null,
  }

  constructor(
    clients: readonly { instanceId: string | null; apiVersion: number }[],
    rules: Partial<GroupRules>,
  ) {
    this.shard = new ClassicShard(rules)
    this.clients = clients.map(client => ({ ...client, ...FRESH }))
  }

  step(step: WalkStep): void {
    switch (step.type) {
      case 'advance':
        this.shard.advance(step.ms)
        break
      case 'restart':
        this.#restart()
        break
      case 'act':
      case 'crash':
      case 'leave':
      case 'pause':
      case 'change':
      case 'commit': {
        const client = this.clients[step.client % this.clients.length]
        if (client !== undefined) this.#stepOf(client, step.type)
      }
    }
    this.#hear()
    this.check()
  }

  /** Faults are over: all clients run, second by second, for as long as a group may take. */
  converge(): void {
    for (const client of this.clients) client.pausedFor = 0
    for (let ms = 0; ms < SESSION_MS + 2 * REBALANCE_MS + 5_000; ms += 1_000) {
      for (const client of this.clients) {
        this.#act(client)
        this.#hear()
      }
      this.shard.advance(1_000)
      this.#hear()
      this.check()
      if (this.#isAtRest()) break
    }
    const group = this.shard.group()
    expect(group?.state, 'G5: stable members make a stable group').toBe('Stable')
    expect(group?.members.size).toBe(this.clients.length)
    for (const { memberId, generationId, assignment } of this.clients) {
      expect(group?.generationId).toBe(generationId)
      expect(group?.members.has(memberId)).toBe(true)
      expect(assignment, 'G5: every member has its assignment').toMatch(/^plan/)
    }
    const places = this.clients.map(({ assignment }) => assignment)
    expect(new Set(places).size, 'G1: nothing is assigned twice').toBe(places.length)
  }

  #isAtRest(): boolean {
    const group = this.shard.group()
    return (
      group?.state === 'Stable' &&
      group.members.size === this.clients.length &&
      this.clients.every(
        ({ generationId, assignment }) =>
          generationId === group.generationId && assignment !== undefined,
      )
    )
  }

  /** What holds after every step. */
  check(): void {
    const { shard } = this
    const group = shard.group()
    const settled = this.#settledAfterReload()
    expect(group?.settled ?? null, 'hard state is what a reload gives').toEqual(settled)
    if (group?.settled == null) {
      // Nobody has an assignment of a group that the log does not know, and it may be forgotten with all its member ids.
      this.#told.clear()
    }
    if (group === undefined) {
      expect(shard.timers.size, 'no timer outlives its group').toBe(0)
      return
    }
    if (settled !== null) {
      this.#largestSettled = Math.max(this.#largestSettled, settled.generation)
      expect(settled.generation, 'generations only grow').toBe(this.#largestSettled)
    }
    const bytes = [...group.members.values()].reduce(
      (sum, member) => sum + storedBytesOf(member),
      0,
    )
    expect(group.storedBytes).toBe(bytes)
    for (const [name, count] of group.protocolCounts) {
      const offering = [...group.members.values()].filter(({ protocols }) =>
        protocols.some(protocol => protocol.name === name),
      )
      expect(count).toBe(offering.length)
    }
    for (const [instanceId, memberId] of group.staticMembers) {
      expect(group.members.get(memberId)?.instanceId).toBe(instanceId)
    }
    for (const memberId of [...group.members.keys(), ...group.pendingMembers]) {
      const isWaiting = group.joining.has(memberId) || group.syncing.has(memberId)
      const isTimed = shard.timers.has(sessionTimer(group.groupId, memberId))
      expect(isWaiting || isTimed, 'G5: nobody stays for ever').toBe(true)
    }
    if (group.state === 'PreparingRebalance') {
      expect(shard.timers.has(joinTimer(group.groupId)), 'G5: a join phase ends').toBe(true)
    }
    if (group.state === 'CompletingRebalance' || group.unsynced.size > 0) {
      expect(shard.timers.has(syncTimer(group.groupId)), 'G5: a sync phase ends').toBe(true)
    }
    for (const memberId of group.joining.keys()) expect(group.members.has(memberId)).toBe(true)
    expect(group.state === 'PreparingRebalance' || group.joining.size === 0).toBe(true)
    expect(group.state === 'CompletingRebalance' || group.syncing.size === 0).toBe(true)
    expect(group.members.size === 0).toBe(group.state === 'Empty')
  }

  /** Reads the log once more when something was added to it. */
  #settledAfterReload(): ClassicGroup['settled'] {
    const { records } = this.shard
    if (records.length > this.#reloaded.records) {
      const group = this.shard.reloaded(records).groups.get(GROUP)
      const settled = group?.kind === 'classic' ? group.settled : null
      this.#reloaded = { records: records.length, settled }
    }
    return this.#reloaded.settled
  }

  #stepOf(client: Client, type: 'act' | 'crash' | 'leave' | 'pause' | 'change' | 'commit'): void {
    switch (type) {
      case 'act':
        return this.#act(client)
      case 'crash':
        Object.assign(client, FRESH)
        return
      case 'leave':
        if (client.memberId === '' || client.instanceId !== null) return
        this.shard.leave([{ memberId: client.memberId }])
        Object.assign(client, FRESH)
        return
      case 'pause':
        client.pausedFor = 10
        return
      case 'change':
        client.topics = client.topics.length === 1 ? ['orders', 'audit'] : ['orders']
        if (client.generationId > 0) this.#join(client)
        return
      case 'commit':
        this.#commit(client)
    }
  }

  #act(client: Client): void {
    if (client.pausedFor > 0) {
      client.pausedFor -= 1
      return
    }
    if (client.join !== undefined || client.sync !== undefined) return
    // Without an assignment it was disconnected when it asked for it.
    if (client.assignment === undefined) return this.#join(client)
    const { memberId, instanceId, generationId } = client
    const error = this.shard.heartbeat({ memberId, instanceId, generationId })
    if (error === 'REBALANCE_IN_PROGRESS') this.#join(client)
    else if (error !== 'NONE') this.#reset(client)
  }

  #join(client: Client): void {
    const { memberId, instanceId, apiVersion, topics } = client
    client.sync = undefined
    const metadata = encodeSubscription(1, { topics, ownedPartitions: [] })
    client.join = this.shard.join({ memberId, instanceId, apiVersion, metadata })
  }

  /** Clients read the answers that are there. */
  #hear(): void {
    for (const client of this.clients) {
      if (client.pausedFor > 0) continue
      if (client.join?.isAnswered() === true) this.#heardJoin(client, client.join)
      if (client.sync?.isAnswered() === true) this.#heardSync(client, client.sync)
    }
  }

  #heardJoin(client: Client, join: Told<JoinGroupResponse>): void {
    client.join = undefined
    const response = join.response()
    const error = join.error()
    if (error === 'MEMBER_ID_REQUIRED') {
      client.memberId = response.memberId
      return this.#join(client)
    }
    if (error !== 'NONE') return this.#reset(client)
    const { generationId, memberId, leader, members, skipAssignment } = response
    Object.assign(client, { generationId, memberId, assignment: undefined })
    const isLeader = leader === memberId && !skipAssignment
    if (isLeader)
      this.#agree(this.#told, generationId, members.map(member => member.memberId).join())
    this.#lastPlan += 1
    const assignments = members.map((member, place) => [
      member.memberId,
      `plan ${this.#lastPlan}/${place}`,
    ])
    const { instanceId } = client
    client.sync = this.shard.sync({
      memberId,
      instanceId,
      generationId,
      assignments: isLeader ? Object.fromEntries(assignments) : {},
    })
  }

  #heardSync(client: Client, sync: Told<SyncGroupResponse>): void {
    client.sync = undefined
    const error = sync.error()
    if (error === 'REBALANCE_IN_PROGRESS') return this.#join(client)
    if (error !== 'NONE') return this.#reset(client)
    const assignment = Buffer.from(sync.response().assignment).toString()
    client.assignment = assignment
    if (assignment === '') return
    const [plan = ''] = assignment.split('/')
    this.#agree(this.#plans, client.generationId, plan)
    const owner = client.instanceId ?? client.memberId
    this.#agree(this.#places, `${client.generationId}/${assignment}`, owner)
  }

  #commit(client: Client): void {
    const { memberId, instanceId, generationId } = client
    const group = this.shard.group()
    if (generationId < 0 || group === undefined) return
    const error = validateClassicCommit(group, {
      memberId,
      instanceId,
      generationId,
      by: 'OffsetCommit',
    })
    if (error !== 'NONE') return
    expect(generationId, 'G2: no commit of an older generation').toBeGreaterThanOrEqual(
      this.#largestSettled,
    )
    expect(group.members.has(memberId)).toBe(true)
    const plan = this.#plans.get(generationId)
    if (plan !== undefined && client.assignment) {
      expect(client.assignment.startsWith(`${plan}/`), 'G2: of the one assignment').toBe(true)
    }
  }

  #restart(): void {
    this.shard.restart()
    for (const client of this.clients) {
      // Connections are gone, and with them what was asked. A paused client does not know yet.
      client.join = undefined
      client.sync = undefined
    }
  }

  #reset(client: Client): void {
    const { pausedFor, topics } = client
    Object.assign(client, FRESH, { pausedFor, topics })
  }

  /** G1: what was said once about a generation is not said otherwise. */
  #agree<Key>(known: Map<Key, string>, key: Key, value: string): void {
    const before = known.get(key)
    known.set(key, value)
    expect(value, `G1: said otherwise about ${String(key)}`).toBe(before ?? value)
  }
}

const FRESH = {
  memberId: '',
  generationId: -1,
  assignment: undefined,
  topics: ['orders'],
  join: undefined,
  sync: undefined,
  pausedFor: 0,
}
