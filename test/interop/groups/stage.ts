import { Varve } from '@varve/client'
import { Member, type MemberSettings } from './member.ts'
import type { MemberKind } from './member-kinds.ts'
import { Writer } from './writer.ts'

export interface StageOptions {
  readonly bootstrap: string
  readonly cache: string
  /** The name of the topic and of the group. */
  readonly name: string
  readonly partitions: number
}

const QUICK = { session: 6_000, heartbeat: 500, rebalance: 20_000 } as const
const WAIT_MS_MAX = 45_000

/** A topic, one who writes to it, and members of a group that read it. */
export class Stage {
  readonly options: StageOptions
  readonly members: Member[] = []
  readonly writer: Writer
  readonly varve: Varve
  #waiters: (() => void)[] = []

  constructor(options: StageOptions) {
    this.options = options
    this.varve = new Varve({ brokers: [options.bootstrap], clientId: 'stage' })
    this.writer = new Writer(this.varve, options.name, options.partitions)
  }

  static async open(options: StageOptions): Promise<Stage> {
    const stage = new Stage(options)
    await using admin = stage.varve.admin()
    const { name, partitions } = options
    const [created] = await admin.createTopics([{ name, partitions }])
    if (created?.error !== undefined) throw created.error
    return stage
  }

  /** Starts the process of a member; it joins when told so. */
  add(kind: MemberKind, settings: Partial<MemberSettings> = {}): Member {
    const { bootstrap, cache, name } = this.options
    const protocol = kind.protocols[0] ?? 'classic'
    const member = new Member({
      name: `${kind.name}-${this.members.length}`,
      kind,
      cache,
      settings: { bootstrap, group: name, topic: name, protocol, ...QUICK, ...settings },
      onEvent: () => {
        for (const look of this.#waiters) look()
      },
    })
    this.members.push(member)
    return member
  }

  /** Waits until the condition holds; looked at after each event of a member. */
  async until(what: string, condition: () => boolean, waitMs = WAIT_MS_MAX): Promise<void> {
    if (condition()) return
    const { promise, resolve } = resolvable()
    const look = (): void => {
      if (condition()) resolve('holds')
    }
    this.#waiters.push(look)
    const timer = setTimeout(() => resolve('too late'), waitMs)
    const outcome = await promise
    clearTimeout(timer)
    this.#waiters = this.#waiters.filter(each => each !== look)
    if (outcome === 'too late')
      throw new Error(`${what} did not come about within ${waitMs} ms: ${this.account()}`)
  }

  /** Until each partition is owned by exactly one of these, and none of them has nothing where there is enough for all. */
  async untilShared(among: readonly Member[]): Promise<void> {
    const { partitions } = this.options
    const names = among.map(({ name }) => name).join(' and ')
    await this.until(`an assignment among ${names}`, () => {
      const owned = among.flatMap(member => [...member.owned])
      const isWhole = owned.length === partitions && new Set(owned).size === partitions
      return isWhole && (among.length > partitions || among.every(({ owned }) => owned.size > 0))
    })
  }

  /** Until all that is written was read, and committed. */
  async untilRead(): Promise<void> {
    await this.until('reading and committing all', () =>
      this.writer.ends.every((end, partition) => this.#committed(this.members, partition) >= end),
    )
  }

  /** Until these have committed all that is written by now, each its part. */
  async untilAllRead(members: readonly Member[]): Promise<void> {
    const ends = [...this.writer.ends]
    await this.until('reading and committing on', () =>
      ends.every((end, partition) => this.#committed(members, partition) > end),
    )
  }

  /** The highest offset of a partition that was committed by any of these. */
  #committed(members: readonly Member[], partition: number): number {
    return Math.max(-1, ...members.map(({ committed }) => committed.get(partition) ?? -1))
  }

  /** Where everybody stands, for the message of a failure. */
  account(): string {
    return this.members
      .map(({ name, owned, events, complaints }) => {
        const last = events
          .filter(({ event }) => event !== 'read' && event !== 'committed')
          .slice(-4)
          .map(event => JSON.stringify(event))
        return `${name} owns [${[...owned]}] ${last.join(' ')} ${complaints}`
      })
      .join('; ')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.writer.stop()
    await Promise.all(this.members.map(member => member[Symbol.asyncDispose]()))
  }
}

function resolvable() {
  let resolve: (outcome: 'holds' | 'too late') => void = () => undefined
  const promise = new Promise<'holds' | 'too late'>(settle => {
    resolve = settle
  })
  return { promise, resolve }
}
