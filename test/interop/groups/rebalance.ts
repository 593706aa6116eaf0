/**
 * Twelve consumers of mixed clients, each in a process of its own, join and leave a group of 24 partitions, one a second, while
 * records are written: first a classic group, then a consumer group. All records are read, no partition has two owners (G1), no
 * commit goes back (G2), and the group is stable soon after the last change (G5).
 */
import { setTimeout as delay } from 'node:timers/promises'
import { memoryRandom } from '../../../packages/broker/src/memory/random.ts'
import type { Random } from '../../../packages/broker/src/world.ts'
import { startBrokerProcess } from '../../support/processes.ts'
import { installPeers } from '../install.ts'
import type { Member } from './member.ts'
import { type GroupProtocol, type MemberKind, memberKinds } from './member-kinds.ts'
import { groupRecordsOf, verdictOf } from './offsets-log.ts'
import { faultsOfOwnership } from './ownership-check.ts'
import { countsOfReading, faultsOfReading } from './reading-check.ts'
import { Stage } from './stage.ts'

export interface ProveOptions {
  /** Changes in each group; there is one a second. */
  readonly rounds: number
  readonly seed: number
  readonly log: (line: string) => void
}

const PARTITIONS = 24
const MEMBERS = 12
const PROCESSES_OF_A_KIND_MAX = 4
const PRESENT_MIN = 3
const CHANGE_EVERY_MS = 1_000
const REBALANCE_TIMEOUT_MS = 20_000
const HEARTBEAT_MS = 1_000
/** Without a change for this long, which is several heartbeats, nothing more will come. */
const QUIET_MS = 4_000
const STABLE_WITHIN_MS = {
  classic: REBALANCE_TIMEOUT_MS + 5_000,
  consumer: 3 * HEARTBEAT_MS + 5_000,
} as const

const SETTINGS = {
  'group.initial.rebalance.delay.ms': '0',
  'group.consumer.min.heartbeat.interval.ms': '1000',
  'group.consumer.heartbeat.interval.ms': `${HEARTBEAT_MS}`,
} as const

/** Throws with what did not hold. */
export async function prove(options: ProveOptions): Promise<{ readonly skipped?: string }> {
  const cache = installPeers()
  const kinds = memberKinds(cache).filter(({ name }) => name !== 'kafka-python')
  await using broker = await startBrokerProcess({ from: 'dist', settings: SETTINGS })
  const random = memoryRandom(options.seed)
  for (const protocol of ['classic', 'consumer'] as const) {
    const name = `rebalance-${protocol}`
    const { bootstrap } = broker
    await using stage = await Stage.open({ bootstrap, cache, name, partitions: PARTITIONS })
    const able = kinds.filter(({ protocols }) => protocols.includes(protocol))
    const run = new RebalanceRun({ stage, protocol, kinds: able, random, log: options.log })
    await run.play(options.rounds)
    await run.judge()
  }
  return {}
}

class RebalanceRun {
  readonly #stage: Stage
  readonly #protocol: GroupProtocol
  readonly #random: Random
  readonly #log: (line: string) => void
  readonly #present = new Set<Member>()

  constructor(options: {
    readonly stage: Stage
    readonly protocol: GroupProtocol
    readonly kinds: readonly MemberKind[]
    readonly random: Random
    readonly log: (line: string) => void
  }) {
    const { stage, protocol, kinds, random, log } = options
    this.#stage = stage
    this.#protocol = protocol
    this.#random = random
    this.#log = log
    const cast = Array.from({ length: PROCESSES_OF_A_KIND_MAX }, () => kinds).flat()
    const timing = { session: 20_000, heartbeat: HEARTBEAT_MS, rebalance: REBALANCE_TIMEOUT_MS }
    for (const kind of cast.slice(0, MEMBERS))
      stage.add(kind, { protocol, assignor: 'range', ...timing })
  }

  async play(changes: number): Promise<void> {
    const { members, writer } = this.#stage
    await this.#stage.until('all processes', () => members.every(({ events }) => events.length > 0))
    writer.start({ count: 2, ms: 200 })
    for (const member of members) this.#join(member)
    await this.#stage.untilShared(members)
    const began = Date.now()
    for (let change = 1; change <= changes; change += 1) {
      await delay(began + change * CHANGE_EVERY_MS - Date.now())
      this.#change()
    }
    await this.#untilStable()
    await writer.pause()
    await this.#stage.untilRead()
  }

  /** Throws with what was not as it must be. */
  async judge(): Promise<void> {
    const { members, writer, varve, options } = this.#stage
    const verdict = verdictOf(await groupRecordsOf(varve, options.name))
    const faults = [
      ...faultsOfReading(members, writer.ends, 'what was not committed'),
      ...faultsOfOwnership(members),
      ...verdict.faults,
    ]
    const { written, repeated } = countsOfReading(members, writer.ends)
    const kinds = [...new Set(members.map(({ kind }) => kind))].join(', ')
    this.#log(
      `${this.#protocol}: ${members.length} processes of ${kinds}: ${written} records, all read, ${repeated} of them again; ` +
        `${verdict.commits} commits in ${verdict.epochs} epochs; ${faults.length} faults`,
    )
    if (faults.length > 0) throw new Error(`${this.#protocol}: ${faults.join('; ')}`)
  }

  #change(): void {
    const { members } = this.#stage
    const member = members[this.#random.below(members.length)]
    if (member === undefined) return
    if (!this.#present.has(member)) this.#join(member)
    else if (this.#present.size > PRESENT_MIN) {
      this.#present.delete(member)
      member.tell('leave')
    } else this.#change()
  }

  #join(member: Member): void {
    this.#present.add(member)
    member.tell('join')
  }

  /** G5: how long after the last change partitions still came or went. */
  async #untilStable(): Promise<void> {
    const changedAt = Date.now()
    const present = [...this.#present]
    const limitMs = STABLE_WITHIN_MS[this.#protocol]
    let stableAt = changedAt
    do {
      await this.#stage.untilShared(present)
      stableAt = Math.max(changedAt, ...this.#stage.members.map(({ changedAt: at }) => at))
      await delay(QUIET_MS)
    } while (this.#stage.members.some(({ changedAt: at }) => at > stableAt))
    const tookMs = stableAt - changedAt
    this.#log(
      `${this.#protocol}: ${present.length} members were stable ${tookMs} ms after the last change; at most ${limitMs} ms`,
    )
    if (tookMs > limitMs)
      throw new Error(`G5: stable only after ${tookMs} ms: ${this.#stage.account()}`)
  }
}
