import { Cluster } from '../cluster/cluster.ts'
import { ClosedError, ConfigError } from '../errors.ts'
import type { ClientSettings } from '../settings.ts'
import { Transaction } from '../transaction/transaction.ts'
import { Transactions } from '../transaction/transactions.ts'
import { within } from '../within.ts'
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
  readonly #transactions: Transactions | undefined
  readonly #transactionalId: string | undefined
  #open: Transaction | undefined
  #closing: Promise<void> | undefined

  /** Made by `varve.producer()`. */
  constructor(settings: ClientSettings, options: ProducerOptions) {
    const checked = producerSettings(options)
    const missingTopics = checked.allowAutoTopicCreation ? 'create' : 'report'
    this.#cluster = new Cluster(settings, { missingTopics })
    this.#sender = new Sender(this.#cluster, checked)
    this.#deliveryTimeoutMs = checked.deliveryTimeoutMs
    const { transactionalId, transactionTimeoutMs } = checked
    this.#transactionalId = transactionalId
    if (transactionalId !== undefined) {
      const parts = { cluster: this.#cluster, sender: this.#sender }
      this.#transactions = new Transactions({ ...parts, transactionalId, transactionTimeoutMs })
    }
  }

  /**
   * Sends one record; the promise is settled when the broker has acknowledged it as `acks` says, or it is given up. It need
   * not be awaited before the next `send`: the order is that of the calls.
   */
  send(record: ProducerRecord): Promise<SentRecord> {
    return new Promise(resolve => {
      this.#refuseUnlessPlain('send')
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
      this.#refuseUnlessPlain('sendBatch')
      this.#sender.accumulator.addAll(records, resolve, reject)
    })
  }

  /**
   * Begins a transaction; the producer needs a `transactionalId`. One at a time: another one begins when it has ended, and the
   * promise waits for that, for `apiTimeoutMs` at most. The first one makes this the only producer with its id: see
   * `initTransactions`. Throws `FencedError` and `ProducerFailedError` when the producer is at its end.
   *
   * @example
   * ```ts
   * await using producer = varve.producer({ transactionalId: 'transfers-1' })
   * await using transaction = await producer.transaction()
   * transaction.send({ topic: 'transfers', value: '{"from":"alice","to":"bob","amount":10}' })
   * await transaction.commit()
   * ```
   */
  async transaction(options: { readonly signal?: AbortSignal } = {}): Promise<Transaction> {
    const transactions = this.#transactionsOrThrow('transaction')
    const open = await transactions.open(options.signal)
    // Whoever closes has not seen it: nothing would ever be sent in it, nor settled.
    if (this.#closing !== undefined) {
      transactions.leave()
      throw closedError()
    }
    const { log } = this.#cluster.settings
    const transaction = new Transaction({ transactions, sender: this.#sender, open, log })
    this.#open = transaction
    return transaction
  }

  /**
   * Makes this the only producer with its `transactionalId`: whoever had it is fenced, and what that one had not committed is
   * aborted. The first transaction does it too; at the start of a program, it frees the offsets that a predecessor had sent.
   */
  async initTransactions(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    await this.#transactionsOrThrow('initTransactions').initialize(options.signal)
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

  /**
   * Sends what waits, and ends the connections. What cannot be delivered within `deliveryTimeoutMs` fails. A transaction that is
   * open is aborted.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    this.#transactions?.close(closedError())
    if (this.#open !== undefined) {
      const { clock } = this.#cluster.settings.platform
      await within(clock, this.#deliveryTimeoutMs, this.#open[Symbol.asyncDispose]())
    }
    await this.#sender.flush()
    await untilSent(this.#cluster, this.#deliveryTimeoutMs)
    this.#sender.close(closedError())
    this.#cluster.close()
  }

  #refuseUnlessPlain(name: 'send' | 'sendBatch'): void {
    if (this.#closing !== undefined) throw closedError()
    if (this.#transactions === undefined) return
    throw new ConfigError(
      `producer.${name}: this producer has the transactionalId ${this.#transactionalId}; expected transaction.${name}, of a ` +
        'transaction that producer.transaction() gave',
    )
  }

  #transactionsOrThrow(name: 'transaction' | 'initTransactions'): Transactions {
    if (this.#closing !== undefined) throw closedError()
    if (this.#transactions !== undefined) return this.#transactions
    throw new ConfigError(`producer.${name}: this producer has no transactionalId`)
  }
}

function closedError(): ClosedError {
  return new ClosedError('the producer is closed')
}
