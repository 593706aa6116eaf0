import { setTimeout as delay } from 'node:timers/promises'
import { BatchBuilder, errorName, InitProducerId, Produce } from '@varve/protocol'
import type { Random } from '../../packages/broker/src/world.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { numberedRecord } from './kill-records.ts'

const PRODUCE_VERSION = 9
const INIT_PRODUCER_ID_VERSION = 4
const IN_FLIGHT_MAX = 5
const TIMEOUT_MS = 30_000

/** A batch that the broker acknowledged. Its records are numbered from `first` on, within the producer. */
export interface AcknowledgedBatch {
  readonly partition: number
  readonly baseOffset: number
  readonly first: number
  readonly count: number
}

export interface KillProducerOptions {
  readonly name: string
  readonly topic: string
  readonly partition: number
  readonly acks: 1 | -1
  readonly kind: 'idempotent' | 'plain'
  readonly random: Random
  /** Records with keys, some of them tombstones, as `numberedRecord` has them. */
  readonly isKeyed?: true
  /** How long it waits between two batches; without it there are as many as the broker takes. */
  readonly restMs?: number
}

interface Batch {
  readonly first: number
  readonly count: number
  readonly sequence: number
  readonly bytes: Uint8Array
}

/** A batch as it is remembered when its bytes are not. */
interface BuiltBatch {
  readonly first: number
  readonly builtAt: number
  readonly sizeBytes: number
}

/**
 * Writes numbered records to one partition, several batches at a time, until its broker dies. An idempotent one then sends again
 * what was not acknowledged, as real clients do; a plain one goes on with the next number, so that it has no duplicates either.
 */
export class KillProducer {
  readonly options: KillProducerOptions
  readonly acknowledged: AcknowledgedBatch[] = []
  /** Answers other than an offset; there should be none. */
  readonly refusals: string[] = []
  /** The wall clock when the last acknowledgement came. */
  lastAcknowledgedAt = 0
  /** The greatest that an answer has named. */
  logStartOffset = 0
  readonly #built: BuiltBatch[] = []
  readonly #random: Random
  #producerId = -1
  #producerEpoch = -1
  #nextNumber = 0
  #unacknowledged: Batch[] = []
  #isStopped = false

  constructor(options: KillProducerOptions) {
    this.options = options
    this.#random = options.random
  }

  /** Records that were ever sent. */
  get sentCount(): number {
    return this.#nextNumber
  }

  /** The wall clock when the batch of a record was built. */
  builtAt(number: number): number {
    return this.#built.findLast(({ first }) => first <= number)?.builtAt ?? 0
  }

  /** How large the batches are that were sent from a record on, acknowledged or not. */
  bytesFrom(number: number): number {
    let bytes = 0
    for (let index = this.#built.length - 1; index >= 0; index -= 1) {
      const batch = this.#built[index]
      if (batch === undefined || batch.first < number) break
      bytes += batch.sizeBytes
    }
    return bytes
  }

  /** Produces until the connection ends or `stop` is called; what is under way is then answered first. */
  async run(port: number): Promise<void> {
    this.#isStopped = false
    const connection = await RawConnection.open({ host: '127.0.0.1', port })
    try {
      if (this.options.kind === 'plain') this.#unacknowledged = []
      if (await this.#hasProducerId(connection)) await this.#produce(connection)
    } finally {
      connection.destroy()
    }
  }

  stop(): void {
    this.#isStopped = true
  }

  /** Takes a producer id if this producer needs one; false when the broker died before it gave one. */
  async #hasProducerId(connection: RawConnection): Promise<boolean> {
    if (this.options.kind === 'plain' || this.#producerId >= 0) return true
    connection.send(InitProducerId, INIT_PRODUCER_ID_VERSION, {
      transactionalId: null,
      transactionTimeoutMs: 0,
    })
    const response = await connection
      .next(InitProducerId, INIT_PRODUCER_ID_VERSION)
      .catch(() => undefined)
    if (response === undefined) return false
    if (response.errorCode !== 0)
      throw new Error(`no producer id: ${errorName(response.errorCode)}`)
    this.#producerId = response.producerId
    this.#producerEpoch = response.producerEpoch
    return true
  }

  async #produce(connection: RawConnection): Promise<void> {
    for (const batch of this.#unacknowledged) this.#send(connection, batch)
    while (!connection.isClosed) {
      while (!this.#isStopped && this.#unacknowledged.length < IN_FLIGHT_MAX) {
        const batch = this.#nextBatch()
        this.#unacknowledged.push(batch)
        this.#send(connection, batch)
      }
      const [oldest] = this.#unacknowledged
      if (oldest === undefined) return
      if (!(await this.#takeAnswer(connection, oldest))) return
      if (this.options.restMs !== undefined) await delay(this.options.restMs)
    }
  }

  /** False when the connection ended instead, or the answer was a refusal. */
  async #takeAnswer(connection: RawConnection, batch: Batch): Promise<boolean> {
    const answer = await connection.next(Produce, PRODUCE_VERSION).catch(() => undefined)
    const result = answer?.responses[0]?.partitionResponses[0]
    if (result === undefined) return false
    if (result.errorCode !== 0) {
      this.refusals.push(`${errorName(result.errorCode)} for ${batch.first}`)
      return false
    }
    this.lastAcknowledgedAt = Date.now()
    this.logStartOffset = Math.max(this.logStartOffset, result.logStartOffset)
    this.#unacknowledged.shift()
    const { partition } = this.options
    const { first, count } = batch
    this.acknowledged.push({ partition, baseOffset: result.baseOffset, first, count })
    return true
  }

  #send(connection: RawConnection, batch: Batch): void {
    const { topic, partition, acks } = this.options
    const partitionData = [{ index: partition, records: batch.bytes }]
    const topicData = [{ name: topic, partitionData }]
    connection.send(Produce, PRODUCE_VERSION, { acks, timeoutMs: TIMEOUT_MS, topicData })
  }

  #nextBatch(): Batch {
    const builder = new BatchBuilder()
    const first = this.#nextNumber
    const count = this.options.isKeyed ? this.#appendKeyed(builder) : this.#appendPadded(builder)
    this.#nextNumber += count
    const producer = {
      producerId: this.#producerId,
      producerEpoch: this.#producerEpoch,
      baseSequence: first,
    }
    const bytes = builder.build(this.options.kind === 'idempotent' ? producer : {})
    this.#built.push({ first, builtAt: Date.now(), sizeBytes: bytes.length })
    return { first, count, sequence: first, bytes }
  }

  /** Mostly small; some are large enough to be an extent of the journal. */
  #appendPadded(builder: BatchBuilder): number {
    const isLarge = this.#random.below(12) === 0
    const count = 1 + this.#random.below(isLarge ? 4 : 20)
    const paddingMax = isLarge ? 90_000 : 400
    for (let number = this.#nextNumber; number < this.#nextNumber + count; number += 1) {
      const padding = 'x'.repeat(this.#random.below(paddingMax))
      builder.append({ value: `${this.options.name}:${number}:${padding}`, timestamp: number })
    }
    return count
  }

  /** Some nearly fill one of the small segments; none is larger. */
  #appendKeyed(builder: BatchBuilder): number {
    const count = 1 + this.#random.below(80)
    const timestamp = Date.now()
    for (let number = this.#nextNumber; number < this.#nextNumber + count; number += 1)
      builder.append({ ...numberedRecord(this.options.name, number), timestamp })
    return count
  }
}
