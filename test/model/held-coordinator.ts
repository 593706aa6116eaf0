/**
 * The shard that the broker runs, over a log whose syncs a walk holds back. Every decision passes by here: its records go to the view of
 * the log, its answers are compared with that view when they are decided and with the durable part of the log when they leave.
 */
import { crc32c, type GroupRecord } from '@varve/protocol'
import type { GroupChange } from '../../packages/broker/src/coordinator/group/change.ts'
import type { GroupEvent } from '../../packages/broker/src/coordinator/group/event.ts'
import {
  type GroupDecision,
  type GroupMoment,
  groupLogic,
} from '../../packages/broker/src/coordinator/group/group-logic.ts'
import type { GroupRules } from '../../packages/broker/src/coordinator/group/group-rules.ts'
import {
  emptyGroupState,
  type Group,
  type GroupShardState,
} from '../../packages/broker/src/coordinator/group/state.ts'
import type { Ticket } from '../../packages/broker/src/coordinator/runtime/decision.ts'
import { PatientClock } from '../../packages/broker/src/coordinator/runtime/patient-clock.ts'
import { Shard } from '../../packages/broker/src/coordinator/runtime/shard.ts'
import { TurnSlices } from '../../packages/broker/src/coordinator/runtime/turn-slices.ts'
import { MemoryClock } from '../../packages/broker/src/memory/clock.ts'
import type { MetadataImage } from '../../packages/broker/src/metadata/image.ts'
import type { Partition } from '../../packages/broker/src/replication/partition.ts'
import type { Clock, Log, World } from '../../packages/broker/src/world.ts'
import { codecs } from './codecs.ts'
import { HeldLog } from './held-log.ts'
import { Broken, holds } from './holds.ts'
import { LogView } from './log-view.ts'
import { sameValue } from './same-value.ts'

/** What decided: a request, by its name, or the shard itself. */
export type Cause = 'request' | 'removal' | 'fired' | 'loaded' | 'topics'

export interface Question<Response> {
  readonly cause?: 'request' | 'removal'
  readonly decide: (
    state: GroupShardState,
    ticket: Ticket<Response>,
    moment: GroupMoment,
  ) => GroupDecision
  /** The answer was decided; the view is the log with the records of that decision, whether or not they are durable. */
  readonly decided?: (response: Response, view: LogView) => void
  /** The answer left, to whomever. */
  readonly left?: (response: Response) => void
}

/** A request on its way. */
export interface Sent<Response> {
  /** What came back. */
  readonly response: Response | undefined
  /** The coordinator could not say. */
  readonly isRefused: boolean
}

interface Open {
  readonly decided: (response: unknown) => void
  /** The end of the log with the records of the decision that answered; undefined before it. */
  end: number | undefined
}

const silent: Log = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  with: () => silent,
}

/** Time for work passes only when the walk wants it: then each look at the clock takes its while, and work stops after each step. */
class WorkClock implements Clock {
  readonly under: MemoryClock
  isSlow = false
  #skewMs = 0

  constructor(under: MemoryClock) {
    this.under = under
  }

  now = () => this.under.now()
  monotonic = () => this.under.monotonic() + (this.isSlow ? (this.#skewMs += 5) : this.#skewMs)
  after: Clock['after'] = (delayMs, fire) => this.under.after(delayMs, fire)
  endOfTurn: Clock['endOfTurn'] = run => this.under.endOfTurn(run)
}

export interface HeldOptions {
  readonly image: MetadataImage
  readonly rules: GroupRules
  /** Looks at the records of a decision before anything else does, and at what the view says with them. */
  readonly observe: (
    records: readonly GroupRecord[],
    about: { readonly cause: Cause; readonly view: LogView; readonly nowMs: number },
  ) => void
}

export class HeldCoordinator {
  readonly clock = new MemoryClock({ now: 1_700_000_000_000 })
  log = new HeldLog()
  view = new LogView()
  image: MetadataImage
  decisions = 0
  answers = 0
  readonly #options: HeldOptions
  readonly #workClock = new WorkClock(this.clock)
  /** What a reload would give, carried on record by record from the bytes in the log. */
  #shadow = emptyGroupState()
  #shadowEnd = 0
  #state: GroupShardState | undefined
  readonly #touched = new Set<string>()
  readonly #open = new Map<number, Open>()
  #lastTicket = 0
  #failure: Error | undefined
  #shard: Shard<GroupShardState, GroupChange, GroupEvent, GroupRules>

  constructor(options: HeldOptions) {
    this.#options = options
    this.image = options.image
    this.#shard = this.#newShard()
    this.#shard.activate()
  }

  /** Requests that nobody has answered. */
  get openCount(): number {
    return this.#open.size
  }

  set isSlow(isSlow: boolean) {
    this.#workClock.isSlow = isSlow
  }

  ask<Response>(question: Question<Response>): Sent<Response> {
    this.#lastTicket += 1
    const number = this.#lastTicket
    const sent: { -readonly [name in keyof Sent<Response>]: Sent<Response>[name] } = {
      response: undefined,
      isRefused: false,
    }
    const open: Open = {
      decided: response => question.decided?.(response as Response, this.view),
      end: undefined,
    }
    this.#open.set(number, open)
    this.#shard.ask({
      number,
      decide: (state, moment) =>
        this.#decided(state, question.cause ?? 'request', () =>
          question.decide(state, { number }, moment),
        ),
      settle: response => {
        const { end } = open
        holds(end !== undefined, 'what was answered was decided')
        holds(
          this.log.highWatermark >= (end ?? 0),
          'G2, G3: an answer leaves when what it says is durable',
          () => `decided at ${end}, durable is ${this.log.highWatermark}`,
        )
        this.#open.delete(number)
        this.answers += 1
        sent.response = response as Response
        question.left?.(response as Response)
      },
      refuse: () => {
        this.#open.delete(number)
        sent.isRefused = true
      },
    })
    this.check()
    return sent
  }

  advance(ms: number): void {
    this.clock.advance(ms)
    this.check()
  }

  /** Makes the oldest `count` of the held batches durable. */
  sync(count: number): void {
    this.log.sync(count)
    this.check()
  }

  changeImage(image: MetadataImage): void {
    const previous = this.image
    this.image = image
    this.#shard.decide((state, moment) =>
      this.#decided(state, 'topics', () => groupLogic.metadataChanged(state, previous, moment)),
    )
    this.check()
  }

  /**
   * The broker ends, with `kept` of the held batches on the disk, and starts again. Who waits hears nothing, or, if it was
   * the disk that failed, that the coordinator is gone.
   */
  async restart(kept: number, by: 'crash' | 'disk'): Promise<void> {
    const next = this.log.after(kept)
    if (by === 'disk') this.log.fail()
    this.#shard.stop('NOT_COORDINATOR')
    this.#open.clear()
    this.isSlow = false
    this.log = next
    this.view = new LogView()
    this.#shadow = emptyGroupState()
    this.#shadowEnd = 0
    this.#state = undefined
    let at = 0
    for (const record of this.log.recordsFrom(0)) {
      const change = groupLogic.decode(record)
      if (change?.type === 'record') this.view.take(change.record, at)
      at += 1
    }
    this.#shard = this.#newShard()
    await this.#shard.load()
    this.check()
  }

  /** Everything that has a law is compared once more. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#state === undefined) return
    for (const groupId of this.#state.groups.keys()) this.#touched.add(groupId)
    this.#checkReload(this.#state)
  }

  #newShard(): Shard<GroupShardState, GroupChange, GroupEvent, GroupRules> {
    const world: Pick<World, 'clock' | 'log' | 'fail'> = {
      clock: this.#workClock,
      log: silent,
      fail: reason => {
        this.#failure ??= reason
      },
    }
    const { rules } = this.#options
    const patientClock = new PatientClock(this.clock)
    return new Shard({
      world: world as World,
      partition: this.log as unknown as Partition,
      logic: {
        ...groupLogic,
        loaded: (state, moment) =>
          this.#decided(state, 'loaded', () => groupLogic.loaded(state, moment)),
        fired: (state, event, moment) =>
          this.#decided(state, 'fired', () => groupLogic.fired(state, event, moment)),
      },
      codecs,
      build: { codecs, crc32c },
      patientClock,
      slices: new TurnSlices(this.#workClock),
      moment: () => ({
        nowMs: this.clock.now(),
        patientMs: patientClock.nowMs,
        image: this.image,
        rules,
      }),
      onLost: () => undefined,
    })
  }

  #decided(state: GroupShardState, cause: Cause, decide: () => GroupDecision): GroupDecision {
    try {
      return this.#observed(state, cause, decide)
    } catch (error) {
      this.#failure ??= error as Error
      throw error
    }
  }

  #observed(state: GroupShardState, cause: Cause, decide: () => GroupDecision): GroupDecision {
    this.#state = state
    // The changes of the last decision are applied by now.
    this.#checkReload(state)
    const decision = decide()
    this.decisions += 1
    let at = this.log.logEndOffset
    const records: GroupRecord[] = []
    for (const change of decision.changes ?? []) {
      if (change.type !== 'record') continue
      this.#touched.add(this.view.take(change.record, at))
      records.push(change.record)
      at += 1
    }
    const nowMs = this.clock.now()
    if (records.length > 0) this.#options.observe(records, { cause, view: this.view, nowMs })
    for (const { ticket, response } of decision.answers ?? []) {
      const open = this.#open.get(ticket.number)
      if (open === undefined) throw new Broken('somebody is answered who does not wait')
      open.end = at
      open.decided(response)
    }
    return decision
  }

  /** State after running is state after reloading, here for the groups that were touched since the last time. */
  #checkReload(state: GroupShardState): void {
    for (const record of this.log.recordsFrom(this.#shadowEnd)) {
      const change = groupLogic.decode(record)
      if (change !== undefined) groupLogic.apply(this.#shadow, change)
    }
    this.#shadowEnd = this.log.logEndOffset
    for (const groupId of this.#touched) {
      const law = () => `state after running is state after reload: ${groupId}`
      const running = [hardOf(state.groups.get(groupId)), state.offsets.get(groupId)]
      const reloaded = [hardOf(this.#shadow.groups.get(groupId)), this.#shadow.offsets.get(groupId)]
      holds(sameValue(running, reloaded), 'the law of reload', law)
    }
    this.#touched.clear()
  }
}

/** What of a group is to come back. */
function hardOf(group: Group | undefined): unknown {
  if (group === undefined) return null
  switch (group.kind) {
    case 'classic':
      return group.settled
    case 'consumer': {
      const { soft: _soft, ...hard } = group
      return hard
    }
  }
}
