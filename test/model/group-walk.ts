/** One walk: members of several groups, their zombies, the tools and the disk, against one shard of the coordinator. */
import { type ErrorName, ZERO_UUID } from '@varve/protocol'
import { deleteGroup } from '../../packages/broker/src/coordinator/group/admin/delete-group.ts'
import type { GroupRules } from '../../packages/broker/src/coordinator/group/group-rules.ts'
import {
  type DeleteAnswer,
  deleteOffsets,
} from '../../packages/broker/src/coordinator/group/offsets/delete-offsets.ts'
import { FetchBudget } from '../../packages/broker/src/coordinator/group/offsets/fetch-budget.ts'
import {
  type FetchedGroup,
  fetchOffsets,
} from '../../packages/broker/src/coordinator/group/offsets/fetch-offsets.ts'
import { consumerRules } from '../support/consumer-shard.ts'
import { imageWith, newTopic } from '../support/metadata-image.ts'
import { checkBeliefs } from './beliefs.ts'
import { GroupLaws } from './group-laws.ts'
import { GROUPS, type GroupPlan, type GroupStep, type Protocol } from './group-plan.ts'
import { HeldCoordinator } from './held-coordinator.ts'
import { holds } from './holds.ts'
import {
  ClassicMember,
  ConsumerMember,
  type Member,
  type MemberGiven,
  REBALANCE_MS,
  SESSION_MS,
  type Surroundings,
  sendCommit,
} from './members.ts'

const RETENTION_MS = 60_000
const ZOMBIES_MAX = 4

const rules = (initialRebalanceDelayMs: number): GroupRules => ({
  ...consumerRules({ sessionTimeoutMsOf: () => SESSION_MS, heartbeatIntervalMsOf: () => 3_000 }),
  initialRebalanceDelayMs,
  offsetsRetentionMs: RETENTION_MS,
  offsetsRetentionCheckIntervalMs: 5_000,
})

/** A place that members take one after another. */
interface Chair {
  readonly given: MemberGiven
  protocol: Protocol
  member: Member
  /** Steps that it sleeps through. */
  pausedFor: number
}

export interface Walked {
  readonly decisions: number
  readonly answers: number
}

export class GroupWalk {
  readonly #coordinator: HeldCoordinator
  readonly #laws: GroupLaws
  readonly #around: Surroundings
  readonly #chairs: Chair[]
  /** Members whose place another has taken, and who do not know. */
  #zombies: Member[] = []
  #isHolding = false
  #orders = 3
  #users = 2
  #hasNewTopics = false
  #lastName = 0
  #lastOffset = 0

  constructor({ members, initialRebalanceDelayMs }: GroupPlan) {
    this.#laws = new GroupLaws(RETENTION_MS, () => this.#coordinator.image)
    this.#coordinator = new HeldCoordinator({
      image: imageOf(3, 2),
      rules: rules(initialRebalanceDelayMs),
      observe: (records, about) => this.#laws.observe(records, about),
    })
    this.#around = {
      coordinator: this.#coordinator,
      laws: this.#laws,
      fresh: name => `${name}-${(this.#lastName += 1)}`,
      nextOffset: () => (this.#lastOffset += 1),
    }
    this.#chairs = members.map(({ group, protocol, isStatic, topics, pattern }, place) => {
      const instanceId = isStatic ? `instance-${place}` : null
      const given = { groupId: GROUPS[group] ?? '', instanceId, topics, pattern }
      return { given, protocol, member: this.#newMember(protocol, given), pausedFor: 0 }
    })
  }

  get walked(): Walked {
    const { decisions, answers } = this.#coordinator
    return { decisions, answers }
  }

  /** Takes one step. A promise when the broker starts anew. */
  take(step: GroupStep): Promise<void> | undefined {
    const restart = this.#do(step)
    if (restart !== undefined) return restart.then(() => this.#afterStep())
    this.#afterStep()
    return undefined
  }

  /** G5: once nothing fails any more, groups come to rest in bounded time, with all members and all partitions. */
  async converge(): Promise<void> {
    for (const step of ['quick', 'release'] as const) await this.take({ type: step })
    this.#zombies = []
    for (const chair of this.#chairs) chair.pausedFor = 0
    const limitMs = SESSION_MS + 2 * REBALANCE_MS + 10_000
    for (let ms = 0; ; ms += 1_000) {
      for (const chair of this.#chairs) {
        this.#act(chair)
        this.#afterStep()
      }
      this.#coordinator.advance(1_000)
      this.#afterStep()
      const unrest = this.#unrest()
      if (unrest === undefined) break
      holds(ms < limitMs, 'G5: stable members make a stable group', () => unrest)
    }
    this.#checkLast()
  }

  #do(step: GroupStep): Promise<void> | undefined {
    const coordinator = this.#coordinator
    switch (step.type) {
      case 'act':
      case 'commit':
      case 'leave':
      case 'crash':
      case 'quit':
      case 'twin':
      case 'zombie':
      case 'pause':
      case 'lose':
      case 'roll': {
        const chair = this.#chairs[step.member % this.#chairs.length]
        if (chair !== undefined) this.#move(chair, step)
        return undefined
      }
      case 'tool commits':
      case 'fetch':
      case 'delete group':
      case 'delete offsets':
        this.#useTool(step)
        return undefined
      case 'advance':
        coordinator.advance(step.ms)
        return undefined
      case 'sync':
        coordinator.sync(step.batches)
        return undefined
      case 'hold':
      case 'release':
        this.#isHolding = step.type === 'hold'
        return undefined
      case 'slow':
      case 'quick':
        coordinator.isSlow = step.type === 'slow'
        if (step.type === 'quick') coordinator.advance(50)
        return undefined
      case 'topics':
        // Partitions are only added, and a topic that is gone does not come back under its id.
        this.#orders = Math.max(this.#orders, step.orders)
        this.#users = step.users === 0 || this.#users === 0 ? 0 : Math.max(this.#users, step.users)
        this.#hasNewTopics = true
        coordinator.changeImage(imageOf(this.#orders, this.#users))
        return undefined
      case 'broker crashes':
      case 'disk fails':
        return this.#restart(step)
    }
  }

  #move(chair: Chair, step: Extract<GroupStep, { readonly member: number }>): void {
    const { member, given } = chair
    switch (step.type) {
      case 'act':
        return this.#act(chair)
      case 'commit':
        return this.#commit(member)
      case 'pause':
        chair.pausedFor = 8
        return
      case 'lose':
        member.act()
        member.disconnect()
        return
      case 'zombie': {
        const zombie = this.#zombies[step.member % Math.max(this.#zombies.length, 1)]
        if (zombie === undefined) return
        this.#commit(zombie)
        zombie.act()
        return
      }
      case 'leave':
        member.leave()
        chair.member = this.#newMember(chair.protocol, given)
        return
      case 'crash':
        chair.member = this.#newMember(chair.protocol, given)
        return
      case 'quit':
        // Nobody takes its place: only its session's end tells the others.
        if (this.#chairs.length > 1) this.#chairs.splice(this.#chairs.indexOf(chair), 1)
        return
      case 'twin':
        this.#zombies = [member, ...this.#zombies].slice(0, ZOMBIES_MAX)
        chair.member = this.#newMember(chair.protocol, given)
        return
      case 'roll':
        // A member of the other protocol takes over, as in a rolling upgrade or downgrade.
        if (given.groupId !== 'mixture') return
        if (step.member % 2 === 0) member.leave()
        else this.#zombies = [member, ...this.#zombies].slice(0, ZOMBIES_MAX)
        chair.protocol = chair.protocol === 'classic' ? 'consumer' : 'classic'
        chair.member = this.#newMember(chair.protocol, given)
    }
  }

  #act(chair: Chair): void {
    if (chair.pausedFor > 0) {
      chair.pausedFor -= 1
      // It wakes up, and commits what it was at before it looks around.
      if (chair.pausedFor === 0) this.#commit(chair.member)
      return
    }
    chair.member.act()
  }

  #commit({ given, memberId, epoch, owned }: Member): void {
    const { groupId, instanceId } = given
    const places = [...owned].filter(place => this.#exists(place))
    if (places.length === 0) return
    const owner = instanceId ?? memberId
    sendCommit(this.#around, { groupId, memberId, epoch, instanceId, owner }, places)
  }

  #exists(place: string): boolean {
    const [topic = '', partition] = place.split('-')
    const found = this.#coordinator.image.topics.byName.get(topic)
    return found?.partitions[Number(partition)] !== undefined
  }

  #useTool(step: Extract<GroupStep, { readonly group: number }>): void {
    const groupId = GROUPS[step.group] ?? ''
    const asked = { apiVersion: 9, clientId: 'tool', clientHost: '/127.0.0.1', freshId: '' }
    switch (step.type) {
      case 'tool commits': {
        const who = { groupId, memberId: '', epoch: -1, instanceId: null, owner: '' }
        sendCommit(this.#around, who, ['orders-0', 'orders-2'])
        return
      }
      case 'fetch':
        return this.#fetch(groupId)
      case 'delete group':
        this.#coordinator.ask<ErrorName>({
          cause: 'removal',
          decide: (state, ticket) => deleteGroup(state, groupId, ticket),
          decided: (response, view) => {
            const isEmpty = !view.group(groupId).hasMembers
            holds(response !== 'NONE' || isEmpty, 'G4: only a group without members is deleted')
          },
        })
        return
      case 'delete offsets': {
        const [name, partitionIndex] = step.place === 3 ? ['users', 0] : ['orders', step.place]
        const topics = [{ name, partitions: [{ partitionIndex }] }]
        const request = { groupId, topics, forbidden: new Set<string>() }
        this.#coordinator.ask<DeleteAnswer>({
          cause: 'removal',
          decide: (state, ticket, moment) =>
            deleteOffsets(state, { ...asked, request, ticket }, moment),
        })
      }
    }
  }

  #fetch(groupId: string): void {
    const asked = { apiVersion: 9, clientId: 'tool', clientHost: '/127.0.0.1', freshId: '' }
    const request = {
      groupId,
      memberId: null,
      memberEpoch: -1,
      topics: null,
      requireStable: true,
      budget: new FetchBudget(),
    }
    this.#coordinator.ask<FetchedGroup>({
      decide: (state, ticket, moment) => fetchOffsets(state, { ...asked, request, ticket }, moment),
      decided: ({ topics }, view) => {
        const told = topics.flatMap(({ name, partitions }) =>
          partitions.map(one => `${name}-${one.partitionIndex} ${one.committedOffset}`),
        )
        const inLog = [...view.group(groupId).offsets].flatMap(([place, { value }]) =>
          value === null || this.#isStale(place, value.topicId) ? [] : [`${place} ${value.offset}`],
        )
        const said = () => `${groupId}: ${told.sort().join()}; ${inLog.sort().join()}`
        const isSame = told.sort().join() === inLog.sort().join()
        holds(isSame, 'G2: the committed offset is the last accepted one in the log', said)
      },
    })
  }

  #isStale(place: string, topicId: string): boolean {
    const [topic = ''] = place.split('-')
    if (topicId === ZERO_UUID) return false
    // Of a topic that is gone an offset may be left, if the broker ended before it was taken away.
    const known = this.#coordinator.image.topics.byName.get(topic)
    return known !== undefined && known.topicId !== topicId
  }

  async #restart({ type, kept }: { readonly type: string; readonly kept: number }): Promise<void> {
    // What lies in the log beyond what is durable survives up to some batch.
    const isByDisk = type === 'disk fails'
    await this.#coordinator.restart(kept, isByDisk ? 'disk' : 'crash')
    for (const { member } of this.#chairs) member.disconnect()
    for (const zombie of this.#zombies) zombie.disconnect()
    this.#laws.restarted(this.#coordinator.view)
  }

  #afterStep(): void {
    const coordinator = this.#coordinator
    if (!this.#isHolding) coordinator.sync(Number.POSITIVE_INFINITY)
    for (const { member, pausedFor } of this.#chairs) if (pausedFor === 0) member.hear()
    for (const zombie of this.#zombies) zombie.hear()
    this.#zombies = this.#zombies.filter(zombie => !zombie.isOut)
    this.#laws.seen(coordinator.view, coordinator.clock.now())
    const all = [...this.#chairs.map(({ member }) => member), ...this.#zombies]
    checkBeliefs(coordinator.view, all, place => this.#exists(place))
  }

  /** What is missing for all groups to be at rest. */
  #unrest(): string | undefined {
    const { view, image, openCount } = this.#coordinator
    // Also in groups whose members are all gone.
    if (openCount > 0) return `${openCount} requests are not answered`
    for (const groupId of new Set(this.#chairs.map(({ given }) => given.groupId))) {
      const members = this.#chairs
        .filter(({ given }) => given.groupId === groupId)
        .map(({ member }) => member)
      const group = view.group(groupId)
      const inLog = group.epoch === undefined ? group.classic?.members : [...group.members]
      const said = `${groupId} at ${group.epoch ?? group.classic?.generation}`
      if (inLog?.length !== members.length) return `${said} has ${inLog?.length} members`
      for (const { memberId, epoch } of members) {
        const wanted = group.epoch ?? group.classic?.generation
        if (epoch !== wanted) return `${said}: ${memberId} is at ${epoch}`
      }
      const owned = members.flatMap(member => [...member.owned])
      const wanted = [...image.topics.byName]
        .filter(([topic]) => members.some(({ given }) => subscribes(given, topic)))
        .reduce((sum, [, { partitions }]) => sum + partitions.length, 0)
      // A classic leader hears of new partitions by itself, or not: those of the walk do not.
      const isWhole = owned.length === wanted || (group.epoch === undefined && this.#hasNewTopics)
      if (!isWhole) return `${said}: ${owned.join()} of ${wanted}`
      if (new Set(owned).size !== owned.length) return `${said}: twice in ${owned.join()}`
    }
    return undefined
  }

  /** At rest everybody can commit, and finds what was committed. */
  #checkLast(): void {
    for (const { member } of this.#chairs) this.#commit(member)
    for (const groupId of GROUPS) this.#fetch(groupId)
    this.#afterStep()
    const { view } = this.#coordinator
    this.#laws.checkAcknowledged(view)
    for (const { member } of this.#chairs) {
      for (const place of member.owned) {
        if (!this.#exists(place)) continue
        const offset = view.group(member.given.groupId).offsets.get(place)?.value?.offset ?? -1
        holds(offset > this.#lastOffset - 100, 'G5: an owner at rest commits', () => place)
      }
    }
  }

  #newMember(protocol: Protocol, given: MemberGiven): Member {
    return protocol === 'classic'
      ? new ClassicMember(this.#around, given)
      : new ConsumerMember(this.#around, given)
  }
}

function subscribes({ topics, pattern }: MemberGiven, topic: string): boolean {
  return topics.includes(topic) || (pattern !== null && new RegExp(`^${pattern}$`).test(topic))
}

function imageOf(orders: number, users: number) {
  return imageWith(...newTopic('orders', orders), ...(users === 0 ? [] : newTopic('users', users)))
}
