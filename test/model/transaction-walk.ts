/** One walk: producers of several transactional ids and their zombies, a reader, the wire and the disk, against a whole broker. */
import {
  CreateTopics,
  errorName,
  FindCoordinator,
  ListTransactions,
  OffsetFetch,
} from '@varve/protocol'
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'
import { holds } from './holds.ts'
import { TransactionLogView } from './transaction-log-view.ts'
import type { TransactionPlan, TransactionStep } from './transaction-plan.ts'
import { PARTITIONS, TOPIC, TRANSACTION_MS, TransactionProducer } from './transaction-producer.ts'
import { TransactionReader } from './transaction-reader.ts'
import { type Unit, Units } from './transaction-units.ts'
import { type Message, TransactionWire } from './transaction-wire.ts'
import { WholeBroker } from './whole-broker.ts'

const ZOMBIES_MAX = 4
const COMPLETED = new Set(['Empty', 'CompleteCommit', 'CompleteAbort'])

const SETTINGS = {
  'transaction.state.log.num.partitions': '2',
  'offsets.topic.num.partitions': '2',
  'log.retention.ms': '-1',
  // One segment, so that its file is the log.
  'log.roll.ms': '9000000000000',
}

export interface WalkedTransactions {
  readonly requests: number
  readonly transactions: number
  readonly committed: number
  readonly crashes: number
}

export class TransactionWalk {
  readonly broker = new WholeBroker(SETTINGS)
  readonly #plan: TransactionPlan
  readonly #units = new Units()
  readonly #log = new TransactionLogView(PARTITIONS, this.#units)
  readonly #reader = new TransactionReader(this.broker, PARTITIONS)
  readonly #wire: TransactionWire
  readonly #producers: TransactionProducer[]
  #zombies: TransactionProducer[] = []
  #lastName = 0
  #crashes = 0

  constructor(plan: TransactionPlan) {
    this.#plan = plan
    this.#wire = new TransactionWire(this.broker, memoryRandom(plan.seed + 1))
    this.#producers = plan.versions.map((_, slot) => this.#newProducer(slot, plan.seed + slot))
  }

  async walk(): Promise<WalkedTransactions> {
    await this.#begin()
    for (const step of this.#plan.steps) await this.#take(step)
    await this.#converge()
    const { all } = this.#units
    return {
      requests: this.#wire.delivered,
      transactions: all.length,
      committed: all.filter(unit => this.#log.resultOf(unit) === 'commit').length,
      crashes: this.#crashes,
    }
  }

  async #begin(): Promise<void> {
    await this.broker.start()
    const topic = { name: TOPIC, numPartitions: PARTITIONS, replicationFactor: 1 }
    const request = {
      topics: [{ ...topic, assignments: [], configs: [] }],
      ...{ timeoutMs: 5_000, validateOnly: false },
    }
    const { topics } = (await this.#ask({ api: CreateTopics, version: 7, request })) as {
      readonly topics: readonly { readonly errorCode: number }[]
    }
    holds(topics[0]?.errorCode === 0, 'the topic is made')
    const find = { keyType: 0, coordinatorKeys: ['group-id-0'] }
    await this.#ask({ api: FindCoordinator, version: 4, request: find })
  }

  #newProducer(slot: number, seed: number): TransactionProducer {
    this.#lastName += 1
    return new TransactionProducer({
      transactionalId: `id-${slot}`,
      name: `p${this.#lastName}v${this.#plan.versions[slot]}`,
      version: this.#plan.versions[slot] ?? 2,
      ...{ units: this.#units, wire: this.#wire, random: memoryRandom(seed) },
    })
  }

  async #take(step: TransactionStep): Promise<void> {
    const wasHolding = this.broker.isHolding
    switch (step.type) {
      case 'act':
      case 'succeed':
        this.#act(step)
        break
      case 'zombie acts':
        this.#zombies[step.pick % Math.max(1, this.#zombies.length)]?.act()
        break
      case 'late arrives':
        this.#wire.deliverLate(step.pick)
        break
      case 'advance':
        await this.broker.advance(step.ms)
        break
      case 'hold':
        this.broker.holdSyncs()
        break
      case 'release':
        this.broker.releaseSyncs()
        break
      case 'read':
        await this.#reader.read()
        break
      case 'end and crash':
        this.broker.holdSyncs()
        this.#producers[step.pick % this.#producers.length]?.commitNow()
        await this.#afterStep('held')
        return await this.#restart({ type: 'crash', seed: step.seed })
      case 'restart':
        return await this.#restart({ type: 'restart' })
      case 'crash':
        return await this.#restart(step)
    }
    // What was decided before may find a partition that took no marker then.
    const isHeld = wasHolding && this.broker.isHolding && step.type !== 'advance'
    await this.#afterStep(isHeld ? 'held' : 'step')
  }

  #act({
    type,
    pick,
    seed,
  }: Extract<TransactionStep, { readonly pick: number; readonly seed: number }>) {
    const slot = pick % this.#producers.length
    const producer = this.#producers[slot]
    if (producer === undefined) return
    if (type !== 'succeed' && !producer.isOver) return producer.act()
    if (!producer.isOver) this.#zombies = [producer, ...this.#zombies].slice(0, ZOMBIES_MAX)
    const successor = this.#newProducer(slot, seed)
    this.#producers[slot] = successor
    successor.act()
  }

  async #restart(step: Restart): Promise<void> {
    if (step.type === 'crash') await this.broker.crash(step.seed)
    else {
      this.broker.releaseSyncs()
      await this.#afterStep('step')
      await this.broker.restart()
    }
    this.#crashes += 1
    this.#wire.disconnected()
    for (const producer of [...this.#producers, ...this.#zombies]) producer.disconnected()
    await this.#afterStep('crash')
    this.#log.checkOrder(isV2)
  }

  /** `held`: nothing could become durable meanwhile. */
  async #afterStep(since: 'step' | 'held' | 'crash'): Promise<void> {
    await this.broker.settle()
    const { markerCount } = this.#log
    await this.#readLogs(since === 'crash' ? 'crash' : 'step')
    if (since === 'held') {
      const isSame = this.#log.markerCount === markerCount
      holds(isSame, 'T5, T8: no marker is written before its decision is durable')
    }
    this.#wire.hear()
    this.#zombies = this.#zombies.filter(({ isOver }) => !isOver)
  }

  async #readLogs(since: 'step' | 'crash'): Promise<void> {
    for (let index = 0; index < PARTITIONS; index += 1) {
      const path = `${TOPIC}-${index}/00000000000000000000.log`
      this.#log.read(index, await this.broker.content(path), since)
    }
  }

  async #ask(message: Message): Promise<unknown> {
    const link = this.broker.connect()
    const answered: { response?: unknown } = {}
    link.send(message, response => {
      answered.response = response
    })
    await this.broker.settle()
    link.hear()
    link.close()
    if (answered.response === undefined) throw new Error(`${message.api.name} is answered`)
    return answered.response
  }

  /** Once nothing fails any more and nobody asks for anything, all that is open times out and comes to an end. */
  async #converge(): Promise<void> {
    this.broker.releaseSyncs()
    for (let round = 0; round < 4; round += 1) {
      await this.broker.advance(round === 0 ? 150 : TRANSACTION_MS + 1_000)
      await this.#afterStep('step')
    }
    this.#log.checkOrder(isV2)
    await this.#checkStates()
    const before = await this.#checkReading()
    await this.#checkOffsets()
    await this.broker.restart()
    const after = await this.#checkReading()
    holds(
      before === after,
      'a restart changes nothing of what is read',
      () => `${before}; ${after}`,
    )
    await this.#checkOffsets()
  }

  async #checkStates(): Promise<void> {
    const request = { stateFilters: [], producerIdFilters: [] }
    const answer = (await this.#ask({ api: ListTransactions, version: 1, request })) as {
      readonly transactionStates: readonly { readonly transactionState: string }[]
    }
    for (const { transactionState } of answer.transactionStates)
      holds(
        COMPLETED.has(transactionState),
        'T5: what is decided is completed',
        () => transactionState,
      )
  }

  /** T3, T5: readers see the committed transactions, whole and nothing else, and nothing holds them up. */
  async #checkReading(): Promise<string> {
    const found = await this.#reader.readAll()
    for (const [index, { all, lastStableOffset, highWatermark }] of found.entries()) {
      const about = () => `${TOPIC}-${index}: ${lastStableOffset} of ${highWatermark}`
      holds(lastStableOffset === highWatermark, 'the last stable offset is never stuck', about)
      const values = all.map(({ value }) => value).join()
      const expected = this.#log.committed(index).join()
      holds(values === expected, 'T3: what is committed is read', () => `${values}; ${expected}`)
      const seen = this.#reader.seen[index] ?? []
      for (const [place, { offset, value }] of seen.entries()) {
        const same = all[place]?.offset === offset && all[place]?.value === value
        holds(same, 'T3: what was read stays', () => `${value} at ${offset}`)
      }
    }
    const read = new Set(found.flatMap(({ all }) => all.map(({ value }) => value)))
    for (const unit of this.#units.all) this.#checkWhole(unit, read)
    return found.map(({ all }) => all.map(({ value }) => value).join()).join(';')
  }

  #checkWhole(unit: Unit, read: ReadonlySet<string>): void {
    const result = this.#log.resultOf(unit)
    for (const [value, { isAcknowledged }] of unit.records) {
      const isRead = read.has(value)
      if (isAcknowledged && (unit.told === 'commit' || result === 'commit'))
        holds(isRead, 'T5: a committed transaction is there as a whole', () => value)
      if (isRead) holds(unit.told !== 'abort', 'T3: no aborted record is read', () => value)
    }
  }

  /** T9: offsets count if their transaction was committed, and only then. */
  async #checkOffsets(): Promise<void> {
    for (const slot of this.#producers.keys()) {
      const groupId = `group-id-${slot}`
      const group = { groupId, memberId: null, memberEpoch: -1 }
      const topics = [{ name: TOPIC, partitionIndexes: [0] }]
      const request = { groups: [{ ...group, topics }], requireStable: true }
      const { groups } = (await this.#ask({ api: OffsetFetch, version: 9, request })) as Offsets
      const [found] = groups[0]?.topics[0]?.partitions ?? []
      const error = errorName(groups[0]?.errorCode || (found?.errorCode ?? 0))
      holds(error === 'NONE', 'T9: no offset waits for ever', () => `${groupId}: ${error}`)
      this.#checkOffset(groupId, found?.committedOffset ?? -1)
    }
  }

  #checkOffset(groupId: string, committed: number): void {
    const units = this.#units.all.filter(unit => unit.groupId === groupId)
    const resultOf = (unit: Unit) => unit.told ?? this.#log.resultOf(unit)
    const sure = units.filter(
      unit =>
        resultOf(unit) === 'commit' && unit.offsets.some(({ isAcknowledged }) => isAcknowledged),
    )
    // Within one transaction a late copy may come behind what was sent after it: nothing in it says so.
    const least = Math.max(-1, ...sure.map(({ offsets }) => offsets[0]?.offset ?? -1))
    const about = () => `${groupId}: ${committed} is committed, ${least} was`
    holds(committed >= least, 'T9: the offsets of a committed transaction are committed', about)
    if (committed < 0) return
    const unit = units.find(({ offsets }) => offsets.some(({ offset }) => offset === committed))
    holds(unit?.asked.has('commit') === true, 'T9: no offset of an open transaction counts', about)
    const isAborted = unit !== undefined && resultOf(unit) === 'abort'
    holds(!isAborted, 'T9: no offset of an aborted transaction counts', about)
  }
}

type Restart = { readonly type: 'restart' } | { readonly type: 'crash'; readonly seed: number }

const isV2 = ({ name }: Unit): boolean => name.includes('v2')

interface Offsets {
  readonly groups: readonly {
    readonly errorCode: number
    readonly topics: readonly {
      readonly partitions: readonly {
        readonly committedOffset: number
        readonly errorCode: number
      }[]
    }[]
  }[]
}
