import type {
  Decision,
  Ticket,
  TransactionProducer,
} from '../../packages/broker/src/coordinator/runtime/decision.ts'
import type { Moment } from '../../packages/broker/src/coordinator/runtime/moment.ts'
import type {
  ShardLogic,
  StoredRecord,
} from '../../packages/broker/src/coordinator/runtime/shard-logic.ts'
import type { MetadataImage } from '../../packages/broker/src/metadata/image.ts'

/**
 * A shard without log, disk or loop: decisions are applied at once through the bytes of their records, time stands until it is advanced,
 * and `reloaded()` is the state that the records alone give.
 */
export class PureShard<State, Change, Event, Rules, Errand = never> {
  state: State
  image: MetadataImage
  rules: Rules
  nowMs = 1_700_000_000_000
  patientMs = 0
  /** Work whose result is kept until `releaseResults`, by its key. */
  holdsResultOf: (key: string) => boolean = () => false
  /** Everything that went into the log, in order. */
  readonly records: StoredRecord[] = []
  /** What was sent out and has not come back, in order. */
  errands: Errand[] = []
  readonly #logic: ShardLogic<State, Change, Event, Rules, Errand>
  readonly #timers = new Map<string, { readonly atMs: number; readonly event: Event }>()
  readonly #answers = new Map<number, unknown>()
  readonly #heldResults = new Map<string, Event>()
  #lastTicket = 0

  constructor(
    logic: ShardLogic<State, Change, Event, Rules, Errand>,
    given: { readonly image: MetadataImage; readonly rules: Rules },
  ) {
    this.#logic = logic
    this.image = given.image
    this.rules = given.rules
    this.state = logic.emptyState()
  }

  get moment(): Moment<Rules> {
    const { nowMs, patientMs, image, rules } = this
    return { nowMs, patientMs, image, rules }
  }

  /** The timers that are set, by key. */
  get timers(): ReadonlyMap<string, { readonly atMs: number; readonly event: Event }> {
    return this.#timers
  }

  /** Decides a request; the result says what was answered, now or by a later decision. */
  ask<Response>(
    decide: (
      state: State,
      ticket: Ticket<Response>,
      moment: Moment<Rules>,
    ) => Decision<Change, Event, Errand>,
  ): Asked<Response> {
    this.#lastTicket += 1
    const number = this.#lastTicket
    this.take(decide(this.state, { number }, this.moment))
    return {
      isAnswered: () => this.#answers.has(number),
      response: () => {
        if (!this.#answers.has(number)) throw new Error('this request was not answered yet')
        return this.#answers.get(number) as Response
      },
    }
  }

  /** Time passes, and every timer that is due on the way fires at its moment. */
  advance(durationMs: number): void {
    const end = this.patientMs + durationMs
    for (;;) {
      const next = [...this.#timers].toSorted(([, a], [, b]) => a.atMs - b.atMs)[0]
      if (next === undefined || next[1].atMs > end) break
      const [key, { atMs, event }] = next
      this.#timers.delete(key)
      this.#passTo(Math.max(atMs, this.patientMs))
      this.take(this.#logic.fired(this.state, event, this.moment))
    }
    this.#passTo(end)
  }

  changeImage(image: MetadataImage): void {
    const previous = this.image
    this.image = image
    this.take(this.#logic.metadataChanged(this.state, previous, this.moment))
  }

  /** The state that the records give: what a restart finds. */
  reloaded(records: readonly StoredRecord[]): State {
    const state = this.#logic.emptyState()
    for (const record of records) {
      const change = this.#logic.decode(record)
      if (change !== undefined) this.#logic.apply(state, change)
    }
    return state
  }

  /** The process ends and starts again: soft state, timers and waiting requests are gone. */
  restart(): void {
    this.#timers.clear()
    this.#heldResults.clear()
    this.errands = []
    this.state = this.reloaded(this.records)
    this.take(this.#logic.loaded(this.state, this.moment))
  }

  /** Does what was decided. */
  take(decision: Decision<Change, Event, Errand>): void {
    for (const change of decision.changes ?? []) {
      const record = this.#logic.encode(change)
      if (record !== undefined) this.records.push(record)
      const applied = record === undefined ? change : this.#decoded(record, decision.producer)
      if (applied !== undefined) this.#logic.apply(this.state, applied)
    }
    for (const { ticket, response } of decision.answers ?? []) {
      if (this.#answers.has(ticket.number)) throw new Error('a request was answered twice')
      this.#answers.set(ticket.number, response)
    }
    for (const timer of decision.timers ?? []) {
      if ('cancel' in timer) this.#timers.delete(timer.cancel)
      else this.#timers.set(timer.set, timer)
    }
    this.errands.push(...(decision.errands ?? []))
    for (const { key, steps } of decision.work ?? []) {
      let step = steps.next()
      while (step.done !== true) step = steps.next()
      this.#heldResults.delete(key)
      if (this.holdsResultOf(key)) this.#heldResults.set(key, step.value)
      else this.take(this.#logic.fired(this.state, step.value, this.moment))
    }
  }

  #decoded(record: StoredRecord, producer: TransactionProducer | undefined): Change | undefined {
    return producer === undefined
      ? this.#logic.decode(record)
      : this.#logic.transactions?.decode(record, producer.producerId)
  }

  /** Something happened outside: what an errand has come to, say. */
  fire(event: Event): void {
    this.take(this.#logic.fired(this.state, event, this.moment))
  }

  /** Hands over the results of work that were held back, as if it had taken until now. */
  releaseResults(): void {
    for (const [key, event] of [...this.#heldResults]) {
      if (this.#heldResults.delete(key))
        this.take(this.#logic.fired(this.state, event, this.moment))
    }
  }

  #passTo(patientMs: number): void {
    this.nowMs += patientMs - this.patientMs
    this.patientMs = patientMs
  }
}

/** A request that was put to a shard. */
export interface Asked<Response> {
  readonly isAnswered: () => boolean
  /** Throws while there is none. */
  readonly response: () => Response
}
