import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { end } from '../../support/processes.ts'
import type { GroupProtocol, MemberKind } from './member-kinds.ts'

/** Each becomes `name=value` on the command line of a member. Times are in ms. */
export interface MemberSettings {
  readonly bootstrap: string
  readonly group: string
  /** All members of a group read one topic. */
  readonly topic: string
  readonly protocol: GroupProtocol
  /** Classic groups only. */
  readonly assignor?: string
  /** `group.instance.id` (KIP-345). */
  readonly instance?: string
  readonly session: number
  readonly heartbeat: number
  readonly rebalance: number
}

/**
 * What a member prints, a line of JSON each, with the wall clock of when it happened. It reads and commits what it has read,
 * portion by portion, and is told by lines on its standard input:
 * - `join` makes a consumer in the group, `leave` closes it, so that a process lives through many memberships;
 * - `hold` stops commits, `commit` tries one of all that was read since, even if the partitions were lost, and commits what it
 *   reads from then on.
 */
export type MemberEvent = { readonly at: number } & (
  | { readonly event: 'ready' | 'left' | 'killed' | 'stopped' | 'resumed' }
  | {
      readonly event: 'assigned'
      readonly partitions: readonly number[]
      readonly generation?: number
      readonly member?: string
    }
  | { readonly event: 'revoked' | 'lost'; readonly partitions: readonly number[] }
  | {
      readonly event: 'read'
      readonly partition: number
      readonly offset: number
      readonly values: readonly number[]
    }
  | { readonly event: 'committed'; readonly offsets: Readonly<Record<string, number>> }
  | { readonly event: 'refused' | 'failed'; readonly error: string }
)

/** What the checks look at. */
export interface MemberHistory {
  readonly name: string
  readonly events: readonly MemberEvent[]
}

/** The events of one kind. */
export function eventsOf<E extends MemberEvent['event']>(
  { events }: MemberHistory,
  event: E,
): Extract<MemberEvent, { readonly event: E }>[] {
  return events.filter(
    (each): each is Extract<MemberEvent, { readonly event: E }> => each.event === event,
  )
}

/** One process of a client, that is a member of a group from `join` to `leave`. */
export class Member implements MemberHistory {
  readonly name: string
  readonly kind: string
  readonly events: MemberEvent[] = []
  /** The partitions that are its own by its own account. */
  readonly owned = new Set<number>()
  /** The offsets that it last committed. */
  readonly committed = new Map<number, number>()
  readonly #child: ChildProcess
  readonly #onEvent: () => void
  readonly #complaints: Buffer[] = []

  constructor(options: {
    readonly name: string
    readonly kind: MemberKind
    readonly settings: MemberSettings
    readonly cache: string
    readonly onEvent: () => void
  }) {
    const { name, kind, settings, cache, onEvent } = options
    this.name = name
    this.kind = kind.name
    this.#onEvent = onEvent
    const args = Object.entries({ ...settings, name }).map(([key, value]) => `${key}=${value}`)
    const { program, args: all } = kind.command(args)
    const env = { ...process.env, VARVE_INTEROP: cache }
    this.#child = spawn(program, all, { env, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stdin?.on('error', () => undefined)
    this.#child.stderr?.on('data', (chunk: Buffer) => this.#complaints.push(chunk))
    if (this.#child.stdout !== null)
      createInterface({ input: this.#child.stdout }).on('line', line => this.#take(line))
  }

  get isEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** How often partitions came or went, and when they last did. */
  changes = 0
  changedAt = 0

  /** What it wrote to its standard error, at last. */
  get complaints(): string {
    return Buffer.concat(this.#complaints).toString().slice(-600)
  }

  tell(command: 'join' | 'leave' | 'hold' | 'commit'): void {
    this.#child.stdin?.write(`${command}\n`)
  }

  /** SIGSTOP: it does nothing from here on, and does not know it. */
  stop(): void {
    this.#child.kill('SIGSTOP')
    this.#note({ at: Date.now(), event: 'stopped' })
  }

  resume(): void {
    this.#note({ at: Date.now(), event: 'resumed' })
    this.#child.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    await end(this.#child, 'SIGKILL')
    this.#note({ at: Date.now(), event: 'killed' })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGCONT')
    this.#child.stdin?.end()
    await end(this.#child, 'SIGKILL')
  }

  #take(line: string): void {
    if (line.startsWith('{')) this.#note(JSON.parse(line) as MemberEvent)
  }

  #note(event: MemberEvent): void {
    this.events.push(event)
    if (event.event === 'assigned' || event.event === 'revoked' || event.event === 'lost') {
      this.changes += 1
      this.changedAt = event.at
    }
    if (event.event === 'assigned') for (const each of event.partitions) this.owned.add(each)
    if (event.event === 'revoked' || event.event === 'lost')
      for (const each of event.partitions) this.owned.delete(each)
    if (event.event === 'committed')
      for (const [partition, offset] of Object.entries(event.offsets))
        this.committed.set(Number(partition), offset)
    if (event.event === 'left' || event.event === 'killed') this.owned.clear()
    this.#onEvent()
  }
}
