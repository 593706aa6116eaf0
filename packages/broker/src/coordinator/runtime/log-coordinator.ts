import type { BuildOptions, Codecs, ErrorName } from '@varve/protocol'
import type { TransactionMarker } from '../../log/transaction-marker.ts'
import type { MetadataImage, TopicImage } from '../../metadata/image.ts'
import type { Partition } from '../../replication/partition.ts'
import type { World } from '../../world.ts'
import type { CoordinatorRuntime, Question } from './coordinator-runtime.ts'
import type { Ticket } from './decision.ts'
import type { Moment } from './moment.ts'
import type { PatientClock } from './patient-clock.ts'
import { type Asking, type Perform, Shard } from './shard.ts'
import type { ShardLogic } from './shard-logic.ts'
import { shardOf } from './shard-of.ts'
import type { TurnSlices } from './turn-slices.ts'

/** A shard that is lost soon after it was loaded waits before it is loaded again, and twice as long each time. */
const LOAD_AGAIN_MIN_MS = 1_000
const LOAD_AGAIN_MAX_MS = 60_000
const SOON_MS = 10_000

export interface LogCoordinatorOptions<State, Change, Event, Rules, Errand = never> {
  readonly world: World
  readonly brokerId: number
  /** The internal topic that keeps the state. */
  readonly topic: string
  readonly logic: ShardLogic<State, Change, Event, Rules, Errand>
  /** Called once for every image. */
  readonly rulesOf: (image: MetadataImage) => Rules
  /** The partitions of this broker. */
  readonly partitions: { get(topicId: string, partition: number): Partition | undefined }
  readonly patientClock: PatientClock
  /** Shared by all coordinators of the broker. */
  readonly slices: TurnSlices
  readonly codecs: Codecs
  readonly build: BuildOptions
  /** Does what decisions want done outside of their shard, once they are durable. */
  readonly perform?: Perform<Event, Errand>
  /** Makes the topic; resolves when this coordinator has been told of it, or when it cannot be made now. */
  readonly makeTopic: () => Promise<void>
}

/** A coordinator whose shards are the partitions of an internal topic that this broker leads. */
export class LogCoordinator<State, Change, Event extends object, Rules, Errand = never>
  implements CoordinatorRuntime<State, Change, Event, Rules, Errand>
{
  readonly #options: LogCoordinatorOptions<State, Change, Event, Rules, Errand>
  readonly #shards = new Map<number, Shard<State, Change, Event, Rules, Errand>>()
  /** Shards that were lost and will be loaded again. */
  readonly #lost = new Set<number>()
  /** When a shard was lost last, on the monotonic clock, and how long it was left so. */
  readonly #losses = new Map<number, { readonly atMs: number; readonly waitMs: number }>()
  #image: MetadataImage
  #rules: Rules
  #lastTicket = 0
  /** The topic is being made. */
  #making: Promise<void> | undefined
  /** Loads go one after another. */
  #lastLoad: Promise<void> = Promise.resolve()
  #isStopped = false

  /** `image` is what the partitions are in line with. Shards with something in their logs are loaded from now on. */
  constructor(
    options: LogCoordinatorOptions<State, Change, Event, Rules, Errand>,
    image: MetadataImage,
  ) {
    this.#options = options
    this.#image = image
    this.#rules = options.rulesOf(image)
    this.#loadAll()
  }

  ask<Response>(
    key: string,
    question: Question<State, Change, Event, Rules, Response, Errand>,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      const asking = this.#asking(question, resolve)
      const isReady = this.#topic !== undefined && this.#making === undefined
      if (isReady || this.#isStopped) this.#ask(key, asking)
      // Only a bug is thrown.
      else
        this.#withTopic()
          .then(() => this.#ask(key, asking))
          .catch(reject)
    })
  }

  async askAll<Response>(
    question: Question<State, Change, Event, Rules, Response, Errand>,
  ): Promise<readonly Response[]> {
    const responses: Promise<Response>[] = []
    for (const index of this.#topic?.partitions.keys() ?? []) {
      const shard = this.#shards.get(index)
      const partition = this.#led(index)
      // Nothing was ever kept there, and nobody has asked.
      if (shard === undefined && (partition === undefined || partition.logEndOffset === 0)) continue
      responses.push(new Promise(resolve => this.#askShard(index, this.#asking(question, resolve))))
    }
    return await Promise.all(responses)
  }

  async leadersOf(keys: readonly string[]): Promise<readonly (number | ErrorName)[]> {
    if (this.#topic === undefined && !this.#isStopped && keys.length > 0) await this.#withTopic()
    const partitions = this.#isStopped ? [] : (this.#topic?.partitions ?? [])
    return keys.map(key => {
      const leader = partitions[shardOf(key, partitions.length)]?.leader ?? -1
      return leader < 0 ? 'COORDINATOR_NOT_AVAILABLE' : leader
    })
  }

  /** Ends a producer's transaction in one shard's log. Resolves with `NONE` when that is committed; never rejects. */
  async writeMarker(index: number, marker: TransactionMarker): Promise<ErrorName> {
    if (this.#isStopped) return 'NOT_COORDINATOR'
    const partition = this.#led(index)
    if (partition === undefined) return 'NOT_COORDINATOR'
    if (!partition.hasFolder) {
      const error = await partition.makeFolder()
      if (error !== 'NONE') return error
    }
    if (this.#lost.has(index)) return 'COORDINATOR_LOAD_IN_PROGRESS'
    const shard = this.#shards.get(index) ?? this.#newShard(index)
    if (shard === undefined) return 'NOT_COORDINATOR'
    return new Promise(resolve => shard.endTransaction(marker, resolve))
  }

  /** The partitions are in line with a new image: shards come and go with them, and decide what the change means to them. */
  metadataChanged(image: MetadataImage): void {
    if (this.#isStopped) return
    const previous = this.#image
    const before = this.#topic
    this.#image = image
    this.#rules = this.#options.rulesOf(image)
    const topic = this.#topic
    if (
      before?.topicId !== topic?.topicId ||
      before?.partitions.length !== topic?.partitions.length
    ) {
      // Every key may belong to another shard now.
      for (const shard of this.#shards.values()) shard.stop('NOT_COORDINATOR')
      this.#shards.clear()
      this.#losses.clear()
      this.#lost.clear()
    }
    for (const [index, shard] of this.#shards) {
      if (this.#led(index) === shard.partition) continue
      shard.stop('NOT_COORDINATOR')
      this.#shards.delete(index)
    }
    this.#loadAll()
    if (image.topics.byId === previous.topics.byId) return
    const { logic } = this.#options
    for (const shard of this.#shards.values())
      shard.decide((state, moment) => logic.metadataChanged(state, previous, moment))
  }

  /** Decides nothing more. Who waits for a decision is refused; answers that only wait for the disk still leave. */
  stop(): void {
    this.#isStopped = true
    for (const shard of this.#shards.values()) shard.stop('NOT_COORDINATOR')
  }

  get #topic(): TopicImage | undefined {
    return this.#image.topics.byName.get(this.#options.topic)
  }

  #asking<Response>(
    question: Question<State, Change, Event, Rules, Response, Errand>,
    resolve: (response: Response) => void,
  ): Asking<State, Change, Event, Rules, Errand> {
    const ticket: Ticket<Response> = { number: ++this.#lastTicket }
    return {
      number: ticket.number,
      decide: (state, moment) => question.decide(state, ticket, moment),
      settle: response => resolve(response as Response),
      refuse: error => resolve(question.refuse(error)),
    }
  }

  #ask(key: string, asking: Asking<State, Change, Event, Rules, Errand>): void {
    const topic = this.#topic
    if (this.#isStopped) asking.refuse('NOT_COORDINATOR')
    else if (topic === undefined) asking.refuse('COORDINATOR_NOT_AVAILABLE')
    else this.#askShard(shardOf(key, topic.partitions.length), asking)
  }

  #askShard(index: number, asking: Asking<State, Change, Event, Rules, Errand>): void {
    if (this.#lost.has(index)) {
      asking.refuse('COORDINATOR_LOAD_IN_PROGRESS')
      return
    }
    const shard = this.#shards.get(index) ?? this.#newShard(index)
    if (shard === undefined) asking.refuse('NOT_COORDINATOR')
    else shard.ask(asking)
  }

  /** Resolves when the topic is there, or cannot be. Who comes meanwhile waits in line. */
  #withTopic(): Promise<void> {
    this.#making ??= this.#options.makeTopic().finally(() => {
      this.#making = undefined
    })
    return this.#making
  }

  /** The partition if this broker leads it. */
  #led(index: number): Partition | undefined {
    const topic = this.#topic
    if (topic?.partitions[index]?.leader !== this.#options.brokerId) return undefined
    return this.#options.partitions.get(topic.topicId, index)
  }

  /** Begins to load every shard that has something in its log. The others come to be when somebody asks. */
  #loadAll(): void {
    for (const index of this.#topic?.partitions.keys() ?? []) {
      if (this.#shards.has(index) || this.#lost.has(index)) continue
      const partition = this.#led(index)
      if (partition !== undefined && partition.logEndOffset > 0) this.#newShard(index)
    }
  }

  #newShard(index: number): Shard<State, Change, Event, Rules, Errand> | undefined {
    const { world, logic, codecs, build, patientClock, slices } = this.#options
    const partition = this.#led(index)
    if (partition === undefined || partition.isOffline) return undefined
    const shard: Shard<State, Change, Event, Rules, Errand> = new Shard({
      ...{ world, partition, logic, codecs, build, patientClock, slices },
      moment: () => this.#moment(),
      perform: this.#options.perform,
      onLost: () => this.#lose(index, shard),
    })
    this.#shards.set(index, shard)
    if (partition.logEndOffset === 0) shard.activate()
    else this.#load(shard)
    return shard
  }

  #load(shard: Shard<State, Change, Event, Rules, Errand>): void {
    this.#lastLoad = this.#lastLoad
      .then(() => shard.load())
      .catch((error: unknown) => this.#options.world.fail(error as Error))
  }

  /** What is true is in the log: it is read again, if it can be, when whoever noticed is done. */
  #lose(index: number, shard: Shard<State, Change, Event, Rules, Errand>): void {
    const { clock } = this.#options.world
    if (this.#shards.get(index) !== shard) return
    this.#shards.delete(index)
    this.#lost.add(index)
    const loadAgain = (): void => {
      this.#lost.delete(index)
      if (!this.#isStopped && !this.#shards.has(index)) this.#newShard(index)
    }
    const waitMs = this.#waitAfterLoss(index)
    if (waitMs === 0) clock.endOfTurn(loadAgain)
    else clock.after(waitMs, loadAgain)
  }

  #waitAfterLoss(index: number): number {
    const now = this.#options.world.clock.monotonic()
    const last = this.#losses.get(index)
    const isNew = last === undefined || now > last.atMs + last.waitMs + SOON_MS
    const waitMs = isNew
      ? 0
      : Math.min(Math.max(LOAD_AGAIN_MIN_MS, last.waitMs * 2), LOAD_AGAIN_MAX_MS)
    this.#losses.set(index, { atMs: now, waitMs })
    return waitMs
  }

  #moment(): Moment<Rules> {
    const { world, patientClock } = this.#options
    return {
      nowMs: world.clock.now(),
      patientMs: patientClock.nowMs,
      image: this.#image,
      rules: this.#rules,
    }
  }
}
