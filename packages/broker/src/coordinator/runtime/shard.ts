import type { BuildOptions, Codecs, ErrorName } from '@varve/protocol'
import { assert } from '../../assert.ts'
import type { TransactionMarker } from '../../log/transaction-marker.ts'
import type { Partition } from '../../replication/partition.ts'
import type { World } from '../../world.ts'
import { coordinatorError } from './coordinator-error.ts'
import { Deadlines } from './deadlines.ts'
import type { Decision, TransactionProducer } from './decision.ts'
import type { Moment } from './moment.ts'
import type { PatientClock } from './patient-clock.ts'
import { RetryDelays } from './retry-delays.ts'
import { shardBatch } from './shard-batch.ts'
import { loadShard } from './shard-load.ts'
import type { ShardLogic, StoredRecord } from './shard-logic.ts'
import { SlicedWork } from './sliced-work.ts'
import type { TurnSlices } from './turn-slices.ts'

/** A request on its way through a shard, whatever its response. It is settled or refused, once. */
export interface Asking<State, Change, Event, Rules, Errand = never> {
  readonly number: number
  readonly decide: (state: State, moment: Moment<Rules>) => Decision<Change, Event, Errand>
  readonly settle: (response: unknown) => void
  readonly refuse: (error: ErrorName) => void
}

export interface ShardOptions<State, Change, Event, Rules, Errand = never> {
  readonly world: World
  readonly partition: Partition
  readonly logic: ShardLogic<State, Change, Event, Rules, Errand>
  readonly codecs: Codecs
  /** How batches are made: compression and checksum. */
  readonly build: BuildOptions
  readonly patientClock: PatientClock
  /** Shared by all shards of the broker. */
  readonly slices: TurnSlices
  readonly moment: () => Moment<Rules>
  /** Does what decisions want done outside; `done` gets what came of it, then or never. A logic without errands needs none. */
  readonly perform?: Perform<Event, Errand> | undefined
  /** The shard is of no use any more, and its log may be: it can be loaded again, by another object. */
  readonly onLost: () => void
}

/** Does an errand, and says what came of it. */
export type Perform<Event, Errand> = (errand: Errand, done: (event: Event) => void) => void

/** Something to be decided: a request, or what a timer, work or the metadata brought. */
interface Step<State, Change, Event, Rules, Errand> {
  readonly decide: (state: State, moment: Moment<Rules>) => Decision<Change, Event, Errand>
  /** There when somebody waits for what becomes of this very decision. */
  readonly asking?: Asking<State, Change, Event, Rules, Errand>
  /** The timer that has fired. */
  readonly timer?: { readonly key: string; readonly event: Event }
}

/**
 * One shard of a coordinator: the state that a partition of an internal topic stands for, and who waits for it. Decides, appends, applies at
 * once, and answers when that is durable. When its log fails it ends, with all that it knew: what is true is in the log.
 */
export class Shard<State, Change, Event extends object, Rules, Errand = never> {
  readonly #options: ShardOptions<State, Change, Event, Rules, Errand>
  readonly #state: State
  readonly #deadlines: Deadlines<Event>
  readonly #work: SlicedWork<Event>
  /** Requests without an answer: in a decision, waiting for a later one, or for the folder. */
  readonly #open = new Map<number, Asking<State, Change, Event, Rules, Errand>>()
  /** Requests with an answer that has not left: it waits for the log. */
  readonly #answered = new Set<Asking<State, Change, Event, Rules, Errand>>()
  /** What has to be decided when the folder is there, in order. */
  #queue: Step<State, Change, Event, Rules, Errand>[] | undefined
  #phase: 'loading' | 'active' | 'over' = 'loading'
  readonly #retryDelays = new RetryDelays()
  /** What is applied becomes durable with the records below this offset. */
  #appliedEnd = 0

  constructor(options: ShardOptions<State, Change, Event, Rules, Errand>) {
    const { logic, patientClock, slices } = options
    this.#options = options
    this.#state = logic.emptyState()
    this.#deadlines = new Deadlines(slices, patientClock, (event, key) =>
      this.#put({ ...this.#fired(event), timer: { key, event } }),
    )
    this.#work = new SlicedWork(slices, event => this.#put(this.#fired(event)))
  }

  get partition(): Partition {
    return this.#options.partition
  }

  /** Replays the log; from then on the shard acts (G3). */
  async load(): Promise<void> {
    const { logic, partition, world, codecs } = this.#options
    const error = await loadShard({
      ...{ partition, clock: world.clock, log: world.log, codecs },
      take: (record, producerId) => {
        const change =
          producerId === undefined
            ? logic.decode(record)
            : logic.transactions?.decode(record, producerId)
        if (change !== undefined) logic.apply(this.#state, change)
      },
      takeMarker: (producerId, result) => {
        const change = logic.transactions?.ended(producerId, result)
        if (change !== undefined) logic.apply(this.#state, change)
      },
      isWanted: () => this.#phase === 'loading',
    })
    if (this.#phase !== 'loading') return
    if (error !== 'NONE') this.#lose(error)
    else this.activate()
  }

  /** The state is what the log says: with an empty log, at once. */
  activate(): void {
    const { logic, partition } = this.#options
    assert(
      partition.highWatermark === partition.logEndOffset,
      'G3: a coordinator acts when its whole log is committed and read.',
    )
    this.#phase = 'active'
    this.#appliedEnd = partition.logEndOffset
    this.#put({ decide: logic.loaded })
  }

  ask(asking: Asking<State, Change, Event, Rules, Errand>): void {
    switch (this.#phase) {
      case 'loading':
        return asking.refuse('COORDINATOR_LOAD_IN_PROGRESS')
      case 'over':
        return asking.refuse('NOT_COORDINATOR')
      case 'active':
    }
    this.#open.set(asking.number, asking)
    try {
      this.#put({ decide: asking.decide, asking })
    } catch (error) {
      // A bug: the caller learns of it, and nobody else is to wait for this request.
      this.#open.delete(asking.number)
      throw error
    }
  }

  /**
   * Writes the marker that ends a producer's transaction, and lets the state know of it. `done` gets `NONE` when that is committed; or why it
   * was not written, or nobody knows.
   */
  endTransaction(marker: TransactionMarker, done: (error: ErrorName) => void): void {
    const { partition, world, logic } = this.#options
    if (this.#phase === 'loading') return done('COORDINATOR_LOAD_IN_PROGRESS')
    if (this.#phase === 'over') return done('NOT_COORDINATOR')
    const appended = partition.appendMarker(marker, world.clock.now())
    if ('error' in appended) return done(appended.error)
    if (appended.outcome === 'appended') {
      this.#appliedEnd = appended.lastOffset + 1
      const change = logic.transactions?.ended(marker.producerId, marker.result)
      if (change !== undefined) this.#apply([change])
    }
    partition.whenCommitted(appended.lastOffset + 1, error => {
      if (error !== 'NONE') this.#lose(error)
      done(error)
    })
  }

  /** Decides what is no request, once the shard acts; one that is still loading sees the news when it begins. */
  decide(step: (state: State, moment: Moment<Rules>) => Decision<Change, Event, Errand>): void {
    if (this.#phase === 'active') this.#put({ decide: step })
  }

  /** Decides nothing more. Who has no answer is refused; an answer that waits for the log may still leave. */
  stop(error: ErrorName): void {
    this.#phase = 'over'
    this.#deadlines.clear()
    this.#work.clear()
    this.#queue = undefined
    for (const asking of this.#open.values()) asking.refuse(error)
    this.#open.clear()
  }

  /** The log has failed, or belongs to somebody else: nobody knows what became of the last decisions. */
  #lose(error: ErrorName): void {
    if (this.#phase === 'over' && this.#answered.size === 0) return
    const isNews = this.#phase !== 'over'
    const told = coordinatorError(error)
    this.stop(told)
    for (const asking of this.#answered) asking.refuse(told)
    this.#answered.clear()
    if (isNews) this.#options.onLost()
  }

  #fired(event: Event): Step<State, Change, Event, Rules, Errand> {
    const { logic } = this.#options
    return { decide: (state, moment) => logic.fired(state, event, moment) }
  }

  #put(step: Step<State, Change, Event, Rules, Errand>): void {
    if (this.#phase !== 'active') return
    if (this.#queue !== undefined) this.#queue.push(step)
    else this.#take(step)
  }

  #take(step: Step<State, Change, Event, Rules, Errand>): void {
    const moment = this.#options.moment()
    const decision = step.decide(this.#state, moment)
    const changes = decision.changes ?? []
    const records = this.#recordsOf(changes)
    if (records.length > 0) {
      if (!this.partition.hasFolder) {
        this.#makeFolderFor(step)
        return
      }
      const error = this.#append(records, decision.producer, moment)
      if (error !== 'NONE') {
        this.#refused(step, error)
        return
      }
    }
    this.#apply(changes)
    this.#answer(decision, records.length > 0)
    // The log may have said within the call that it has failed.
    if (this.#phase !== 'active') return
    for (const timer of decision.timers ?? []) {
      if ('cancel' in timer) this.#deadlines.cancel(timer.cancel)
      else this.#deadlines.set(timer.set, timer.atMs, timer.event)
    }
    for (const work of decision.work ?? []) if (this.#phase === 'active') this.#work.begin(work)
  }

  #recordsOf(changes: readonly Change[]): StoredRecord[] {
    const records: StoredRecord[] = []
    for (const change of changes) {
      const record = this.#options.logic.encode(change)
      if (record !== undefined) records.push(record)
    }
    return records
  }

  /** Appends the records, or nothing. */
  #append(
    records: readonly StoredRecord[],
    producer: TransactionProducer | undefined,
    { nowMs }: Moment<Rules>,
  ): ErrorName {
    const { partition, build } = this.#options
    const { maxMessageBytes, segmentBytes } = partition.settings ?? UNLIMITED
    const batch = shardBatch(records, {
      nowMs,
      recordBytesMax: Math.min(maxMessageBytes, segmentBytes),
      batchBytesMax: segmentBytes,
      build:
        producer === undefined ? build : { ...build, ...idsOf(producer), isTransactional: true },
    })
    if (batch === undefined) return 'MESSAGE_TOO_LARGE'
    const appended = partition.append(batch, {
      ...{ now: nowMs, limit: 'segment', origin: 'coordinator' },
      verification: producer?.verification,
    })
    if ('error' in appended) return appended.error
    this.#appliedEnd = appended.lastOffset + 1
    return 'NONE'
  }

  /** Nothing was applied. Who asked learns why; what nobody asked for is decided again, later. */
  #refused(step: Step<State, Change, Event, Rules, Errand>, error: ErrorName): void {
    const { partition, world } = this.#options
    const { asking } = step
    if (partition.isOffline || partition.hasEnded) {
      this.#lose(error)
      return
    }
    if (asking !== undefined) {
      this.#open.delete(asking.number)
      asking.refuse(coordinatorError(error))
      return
    }
    const { topic, partition: index } = partition
    const again = `it is tried again in ${this.#tryAgain(step)} ms`
    const message =
      error === 'MESSAGE_TOO_LARGE'
        ? `A decision of a coordinator is larger than its log takes; ${again}. Raise max.message.bytes and segment.bytes of the topic.`
        : `A decision of a coordinator could not be written to its log; ${again}.`
    world.log.error(message, { topic, partition: index, error })
  }

  /**
   * Gives the time in milliseconds. A group that waits for the decision would else wait for ever. A timer stands under its key again, so that
   * who sets or cancels it meanwhile, a member that is alive, still has the last word.
   */
  #tryAgain(step: Step<State, Change, Event, Rules, Errand>): number {
    const { patientClock, world } = this.#options
    const { timer } = step
    if (timer === undefined) {
      const delayMs = this.#retryDelays.next(step)
      world.clock.after(delayMs, () => this.#put(step))
      return delayMs
    }
    const delayMs = this.#retryDelays.next(timer.event)
    if (!this.#deadlines.has(timer.key)) {
      this.#deadlines.set(timer.key, patientClock.nowMs + delayMs, timer.event)
    }
    return delayMs
  }

  #apply(changes: readonly Change[]): void {
    const { logic, world } = this.#options
    try {
      for (const change of changes) logic.apply(this.#state, change)
    } catch (error) {
      // The log has what the state has not: nothing may be decided from it any more.
      this.#lose('KAFKA_STORAGE_ERROR')
      world.fail(error instanceof Error ? error : new Error(String(error)))
      throw error
    }
  }

  /** The answers leave when all that was applied is durable; also those to mere questions, which may have seen it. */
  #answer(decision: Decision<Change, Event, Errand>, hasRecords: boolean): void {
    const { answers = [], errands = [] } = decision
    if (answers.length === 0 && errands.length === 0 && !hasRecords) return
    const leaving = answers.map(({ ticket, response }) => {
      const asking = this.#open.get(ticket.number)
      assert(asking !== undefined, 'A request is answered once.')
      this.#open.delete(ticket.number)
      this.#answered.add(asking)
      return { asking, response }
    })
    this.partition.whenCommitted(this.#appliedEnd, error => {
      if (error !== 'NONE') {
        this.#lose(error)
        return
      }
      for (const { asking, response } of leaving) {
        if (this.#answered.delete(asking)) asking.settle(response)
      }
      for (const errand of errands) this.#perform(errand)
    })
  }

  /** What comes of an errand matters while this shard acts: who comes after it gives the errand out again. */
  #perform(errand: Errand): void {
    const { perform } = this.#options
    if (this.#phase !== 'active') return
    assert(perform !== undefined, 'Who decides errands says who does them.')
    perform(errand, event => this.#put(this.#fired(event)))
  }

  /** Nothing of the decision counts: it is made again, and whatever comes after it as well, when the folder is there. */
  #makeFolderFor(step: Step<State, Change, Event, Rules, Errand>): void {
    this.#queue = [step]
    const { world } = this.#options
    this.partition
      .makeFolder()
      .then(error => {
        if (error === 'NONE') this.#takeQueued()
        else this.#lose(error)
      })
      .catch((error: unknown) => world.fail(error as Error))
  }

  #takeQueued(): void {
    const queue = this.#queue ?? []
    this.#queue = undefined
    for (const step of queue) if (this.#phase === 'active') this.#take(step)
  }
}

function idsOf({ producerId, producerEpoch }: TransactionProducer) {
  return { producerId, producerEpoch }
}

/** Of a log that could not be loaded, which takes nothing anyway. */
const UNLIMITED = {
  maxMessageBytes: Number.POSITIVE_INFINITY,
  segmentBytes: Number.POSITIVE_INFINITY,
}
