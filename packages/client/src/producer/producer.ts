import { Cluster } from '../cluster/cluster.ts'
import { ClosedError } from '../errors.ts'
import type { ClientSettings } from '../settings.ts'
import { GroupDelivery } from './delivery.ts'
import { type ProducerOptions, producerSettings } from './options.ts'
import type { ProducerRecord, SentRange, SentRecord } from './record.ts'
import { Sender } from './sender.ts'
import { untilSent } from './until-sent.ts'

/**
 * Writes records. They are gathered into batches by partition; records of one partition are written in the order of the
 * `send` calls, and with idempotence, the default, exactly once.
 *
 * @example
 * ```ts
 * await using producer = varve.producer({ compression: 'lz4' })
 * const { partition, offset } = await producer.send({ topic: 'orders', key: 'user-1', value: '{"amount":3}' })
 * ```
 */
export class Producer {
  readonly #cluster: Cluster
  readonly #sender: Sender
  readonly #deliveryTimeoutMs: number
  #closing: Promise<void> | undefined

  /** Made by `varve.producer()`. */
  constructor(settings: ClientSettings, options: ProducerOptions) {
    const checked = producerSettings(options)
    const missingTopics = checked.allowAutoTopicCreation ? 'create' : 'report'
    this.#cluster = new Cluster(settings, { missingTopics })
    this.#sender = new Sender(this.#cluster, checked)
    this.#deliveryTimeoutMs = checked.deliveryTimeoutMs
  }

  /**
   * Sends one record; the promise is settled when the broker has acknowledged it as `acks` says, or it is given up. It need
   * not be awaited before the next `send`: the order is that of the calls.
   */
  send(record: ProducerRecord): Promise<SentRecord> {
    return new Promise(resolve => {
      if (this.#closing !== undefined) throw closedError()
      this.#sender.accumulator.add(record, resolve, 0)
    })
  }

  /**
   * Sends many records with one promise, which costs less than one each. It resolves with where they were written; when some
   * were not, it rejects with a `SendBatchError` that says which.
   *
   * @example
   * ```ts
   * const ranges = await producer.sendBatch(lines.map(value => ({ topic: 'lines', value })))
   * ```
   */
  sendBatch(records: readonly ProducerRecord[]): Promise<readonly SentRange[]> {
    return new Promise((resolve, reject) => {
      if (this.#closing !== undefined) throw closedError()
      if (records.length === 0) {
        resolve([])
        return
      }
      const delivery = new GroupDelivery(records.length, resolve, reject)
      const { accumulator } = this.#sender
      for (let index = 0; index < records.length; index += 1) {
        accumulator.add(records[index] as ProducerRecord, delivery, index)
      }
    })
  }

  /** Whether a record would go into a batch at once. False: `send` still takes it, but it waits for room. */
  get hasRoom(): boolean {
    return this.#sender.accumulator.hasRoom
  }

  /**
   * Resolves when there is room in the producer's memory: what a fast source awaits so that its records wait at the source.
   *
   * @example
   * ```ts
   * for (const value of source) {
   *   if (!producer.hasRoom) await producer.ready()
   *   results.push(producer.send({ topic: 'lines', value }))
   * }
   * ```
   */
  ready(): Promise<void> {
    return this.#sender.accumulator.room()
  }

  /** Resolves when everything sent so far is settled, whichever way; nothing lingers meanwhile. */
  flush(): Promise<void> {
    return this.#sender.flush()
  }

  /** Sends what waits, and ends the connections. What cannot be delivered within `deliveryTimeoutMs` fails. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    await this.#sender.flush()
    await untilSent(this.#cluster, this.#deliveryTimeoutMs)
    this.#sender.close(closedError())
    this.#cluster.close()
  }
}

function closedError(): ClosedError {
  return new ClosedError('the producer is closed')
}
