/** A transactional producer of a walk: it does what the protocol wants of a client, loses patience now and then, and never knows that it is a zombie. */
import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  EndTxn,
  type ErrorName,
  errorName,
  InitProducerId,
  Produce,
  TxnOffsetCommit,
} from '@varve/protocol'
import type { TransactionResult } from '../../packages/broker/src/coordinator/transaction/transaction.ts'
import type { Random } from '../../packages/broker/src/world.ts'
import { batchOf } from '../support/record-batches.ts'
import type { ProducerAndEpoch, Unit, Units } from './transaction-units.ts'
import type { Fates, Message, TransactionWire } from './transaction-wire.ts'
import type { Link } from './whole-broker.ts'

export const TOPIC = 'orders'
export const PARTITIONS = 3
export const TRANSACTION_MS = 60_000
const IN_FLIGHT_MAX = 3

export interface ProducerGiven {
  readonly transactionalId: string
  readonly name: string
  /** Of the protocol: 2 is KIP-890. */
  readonly version: 1 | 2
  readonly units: Units
  readonly wire: TransactionWire
  readonly random: Random
}

/** A request without an answer. */
interface Open {
  readonly message: Message
  readonly fates: Fates
  /** Undefined when it is to be sent again. */
  readonly answered: (response: never) => ErrorName
  readonly done: (error: ErrorName) => void
  readonly what: 'init' | 'add' | 'produce' | 'offsets' | 'end'
  isAwaited: boolean
}

const again: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'CONCURRENT_TRANSACTIONS',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'NOT_ENOUGH_REPLICAS',
  'UNKNOWN_TOPIC_OR_PARTITION',
])

export class TransactionProducer {
  readonly given: ProducerGiven
  /** It was told that it is fenced, or something else after which a client gives up. */
  isOver = false
  #link: Link | undefined
  #producer: ProducerAndEpoch | undefined
  #unit: Unit | undefined
  #unitCount = 0
  #sequences = new Map<number, number>()
  /** Of v1: what the coordinator has been told of. */
  #added = new Set<number>()
  #addsOffsets = false
  /** Nothing but an abort is left to do. */
  #mustAbort = false
  /** Of v1: something may be on its way, so that the epoch has to change. */
  #mustRecover = false
  #open: Open[] = []

  constructor(given: ProducerGiven) {
    this.given = given
  }

  /** Its connection is gone, and with it the answers. */
  disconnected(): void {
    this.#link = undefined
    for (const open of this.#open) open.isAwaited = false
  }

  act(): void {
    if (this.isOver) return
    const { random } = this.given
    const [first] = this.#open
    if (first !== undefined) {
      const canPipeline = this.#open.every(({ what }) => what === 'produce' && this.#isAllAwaited)
      if (canPipeline && this.#open.length < IN_FLIGHT_MAX && random.below(2) === 0) this.#write()
      else if (!this.#isAllAwaited || random.below(3) === 0) this.#loseAnswers(first)
      return
    }
    if (this.#producer === undefined) return this.#init(undefined)
    if (this.#mustAbort) return this.#endOr('abort')
    if (this.#mustRecover) return this.#init(this.#producer)
    const choice = random.below(10)
    if (choice < 6) this.#write()
    else if (choice < 7) this.#commitOffsets()
    else if (choice < 9) this.#endOr('commit')
    else this.#endOr('abort')
  }

  /** Commits now, if there is something to commit. */
  commitNow(): void {
    const isReady = !this.isOver && this.#open.length === 0 && this.#unit !== undefined
    if (isReady && this.#producer !== undefined && !this.#mustAbort) this.#endOr('commit')
  }

  get #isAllAwaited(): boolean {
    return this.#open.every(({ isAwaited }) => isAwaited)
  }

  /** The client waits no longer: it asks again, on another connection, or gives up what it wanted to write. */
  #loseAnswers(first: Open): void {
    const { random, wire } = this.given
    if (first.what === 'produce' && random.below(4) === 0) {
      this.#open = []
      this.#giveUp()
      return
    }
    this.#link?.close()
    this.#link = wire.connect()
    for (const open of this.#open) this.#send(open)
  }

  #giveUp(): void {
    this.#mustAbort = true
    this.#mustRecover = this.given.version === 1
    this.#open = []
  }

  #ask(open: Omit<Open, 'isAwaited'>): void {
    const waiting = { ...open, isAwaited: true }
    this.#open.push(waiting)
    this.#send(waiting)
  }

  #send(open: Open): void {
    const { wire } = this.given
    if (this.#link?.isOpen !== true) this.#link = wire.connect()
    open.isAwaited = true
    const link = this.#link
    wire.send(link, open.message as Message<typeof Produce>, {
      fates: open.fates,
      answer: response => {
        if (this.#link !== link || !this.#open.includes(open)) return
        const error = open.answered(response as never)
        const isEarly = error === 'OUT_OF_ORDER_SEQUENCE_NUMBER' && this.#open[0] !== open
        if (again.has(error) || isEarly) {
          open.isAwaited = false
          return
        }
        this.#open = this.#open.filter(other => other !== open)
        open.done(error)
      },
    })
  }

  #over(): void {
    this.isOver = true
    this.#open = []
  }

  #init(current: ProducerAndEpoch | undefined): void {
    const { transactionalId, units, version } = this.given
    const request = {
      ...{ transactionalId, transactionTimeoutMs: TRANSACTION_MS },
      ...current,
    }
    let next: ProducerAndEpoch | undefined
    this.#ask({
      message: { api: InitProducerId, version: version === 2 ? 5 : 4, request },
      ...{ what: 'init', fates: 'any' },
      answered: ({ errorCode, producerId, producerEpoch }: ProducerAndEpoch & Failed) => {
        next = { producerId, producerEpoch }
        return errorName(errorCode)
      },
      done: error => {
        if (error !== 'NONE' || next === undefined) return this.#over()
        this.#begin(next)
        units.given(next)
      },
    })
  }

  #begin(next: ProducerAndEpoch): void {
    const isSame =
      next.producerId === this.#producer?.producerId &&
      next.producerEpoch === this.#producer.producerEpoch
    this.#producer = next
    if (!isSame) this.#sequences.clear()
    this.#unit = undefined
    this.#added.clear()
    this.#addsOffsets = false
    this.#mustAbort = false
    this.#mustRecover = false
  }

  /** The open transaction, begun if there is none. */
  #ongoing(): Unit {
    const { units, transactionalId, name } = this.given
    this.#unit ??= units.begin(`${name}.${(this.#unitCount += 1)}`, `group-${transactionalId}`)
    return this.#unit
  }

  /** What goes wrong in a transaction makes the client abort it; an abort finds out whether the producer is fenced. */
  #failed(): void {
    this.#giveUp()
  }

  #write(): void {
    const { random, version, transactionalId, units } = this.given
    const producer = this.#producer as ProducerAndEpoch
    const partition = random.below(PARTITIONS)
    if (version === 1 && !this.#added.has(partition)) {
      if (this.#open.length === 0) this.#add(producer, partition)
      return
    }
    const count = 1 + random.below(2)
    const unit = this.#ongoing()
    const values = Array.from({ length: count }, () => units.newRecord(unit, partition))
    const baseSequence = this.#sequences.get(partition) ?? 0
    this.#sequences.set(partition, baseSequence + count)
    const records = batchOf({ ...producer, values, baseSequence, isTransactional: true })
    const topicData = [{ name: TOPIC, partitionData: [{ index: partition, records }] }]
    this.#ask({
      message: {
        api: Produce,
        version: version === 2 ? 12 : 11,
        request: { transactionalId, acks: -1, timeoutMs: 5_000, topicData },
      },
      ...{ what: 'produce', fates: 'any' },
      answered: ({ responses }: Produced) =>
        errorName(responses[0]?.partitionResponses[0]?.errorCode ?? -1),
      done: error => {
        if (error !== 'NONE') return this.#failed()
        for (const value of values) {
          const record = unit.records.get(value)
          if (record !== undefined) record.isAcknowledged = true
        }
      },
    })
  }

  #add({ producerId, producerEpoch }: ProducerAndEpoch, partition: number): void {
    const request = {
      v3AndBelowTransactionalId: this.given.transactionalId,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: [{ name: TOPIC, partitions: [partition] }],
    }
    this.#ongoing()
    this.#ask({
      message: { api: AddPartitionsToTxn, version: 3, request },
      ...{ what: 'add', fates: 'any' },
      answered: ({ resultsByTopicV3AndBelow: [topic] }: Added) =>
        errorName(topic?.resultsByPartition[0]?.partitionErrorCode ?? -1),
      done: error => {
        if (error === 'NONE') this.#added.add(partition)
        else this.#over()
      },
    })
  }

  #commitOffsets(): void {
    const { version, transactionalId, units } = this.given
    const producer = this.#producer as ProducerAndEpoch
    const unit = this.#ongoing()
    const { groupId } = unit
    if (version === 1 && !this.#addsOffsets) {
      this.#ask({
        message: {
          ...{ api: AddOffsetsToTxn, version: 3 },
          request: { transactionalId, ...producer, groupId },
        },
        ...{ what: 'add', fates: 'any' },
        answered: ({ errorCode }: Failed) => errorName(errorCode),
        done: error => {
          this.#addsOffsets = error === 'NONE'
          if (error !== 'NONE') this.#over()
        },
      })
      return
    }
    const committedOffset = units.newOffset(unit)
    const place = { partitionIndex: 0, committedOffset, committedMetadata: null }
    const request = {
      ...{ transactionalId, groupId, ...producer, memberId: '' },
      topics: [{ name: TOPIC, partitions: [place] }],
    }
    this.#ask({
      message: { api: TxnOffsetCommit, version: version === 2 ? 5 : 4, request },
      ...{ what: 'offsets', fates: version === 2 ? 'any' : 'prompt' },
      answered: ({ topics }: OffsetsTaken) => errorName(topics[0]?.partitions[0]?.errorCode ?? -1),
      done: error => {
        if (error !== 'NONE') return this.#failed()
        const sent = unit.offsets.find(({ offset }) => offset === committedOffset)
        if (sent !== undefined) sent.isAcknowledged = true
      },
    })
  }

  #endOr(result: TransactionResult): void {
    const { version, transactionalId } = this.given
    const producer = this.#producer as ProducerAndEpoch
    const unit = this.#unit
    const isBegun = version === 2 || this.#added.size > 0 || this.#addsOffsets
    if (unit === undefined || !isBegun || unit.records.size + unit.offsets.length === 0) {
      if (!this.#mustAbort) return this.#write()
      if (version === 1) return this.#init(producer)
    }
    unit?.asked.add(result)
    let next: ProducerAndEpoch = producer
    this.#ask({
      message: {
        ...{ api: EndTxn, version: version === 2 ? 5 : 4 },
        request: { transactionalId, ...producer, committed: result === 'commit' },
      },
      // In v1 a late copy ends whatever is open then (KAFKA-17754): there is nothing in it that would say so.
      ...{ what: 'end', fates: version === 2 ? 'any' : 'prompt' },
      answered: ({ errorCode, producerId, producerEpoch }: ProducerAndEpoch & Failed) => {
        if (version === 2) next = { producerId, producerEpoch }
        return errorName(errorCode)
      },
      done: error => {
        if (error !== 'NONE') return this.#over()
        if (unit !== undefined) unit.told = result
        const mustRecover = this.#mustRecover
        this.#begin(next)
        this.#mustRecover = mustRecover
        if (version === 2) this.given.units.given(next)
      },
    })
  }
}

interface Failed {
  readonly errorCode: number
}

interface Produced {
  readonly responses: readonly { readonly partitionResponses: readonly Failed[] }[]
}

interface OffsetsTaken {
  readonly topics: readonly { readonly partitions: readonly Failed[] }[]
}

interface Added {
  readonly resultsByTopicV3AndBelow: readonly {
    readonly resultsByPartition: readonly { readonly partitionErrorCode: number }[]
  }[]
}
