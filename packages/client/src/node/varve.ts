import { Admin } from '../admin/admin.ts'
import type { AdminOptions } from '../admin/options.ts'
import { Consumer } from '../consumer/consumer.ts'
import type { ConsumerOptions } from '../consumer/options.ts'
import type { Platform } from '../platform.ts'
import type { ProducerOptions } from '../producer/options.ts'
import { Producer } from '../producer/producer.ts'
import { type ClientSettings, clientSettings, type VarveOptions } from '../settings.ts'
import { type ExactlyOnceOptions, exactlyOnce } from '../transaction/exactly-once.ts'
import { stderrLog } from './log.ts'
import { nodePlatform } from './platform.ts'

/**
 * A Kafka-compatible cluster: what its producers, consumers and admins are made from. It holds nothing open itself.
 *
 * @example
 * ```ts
 * const varve = new Varve({ brokers: ['localhost:9092'], clientId: 'billing' })
 * await using producer = varve.producer()
 * await producer.send({ topic: 'orders', key: 'user-1', value: '{"amount":3}' })
 *
 * await using consumer = varve.consumer({ topics: ['orders'], startAt: 'earliest', stopAtEnd: true })
 * for await (const record of consumer) console.log(record.offset, String(record.value))
 * ```
 */
export class Varve {
  readonly #settings: ClientSettings

  /** Options that cannot work are refused with a `ConfigError`. `platform` is for tests. */
  constructor(options: VarveOptions, platform: Platform = nodePlatform()) {
    this.#settings = clientSettings(options, { platform, log: stderrLog })
  }

  /** Writes records. */
  producer(options: ProducerOptions = {}): Producer {
    return new Producer(this.#settings, options)
  }

  /** Reads records. */
  consumer(options: ConsumerOptions): Consumer {
    return new Consumer(this.#settings, options)
  }

  /**
   * Reads, transforms and writes, each batch of records in a transaction with its offsets: whoever reads with `read_committed`
   * sees what was made of every record exactly once, whatever crashes or moves. Resolves when `signal` stops it, or at the end
   * with `stopAtEnd`. Rejects with what the handler threw, and with `FencedError`, `ProducerFailedError` and
   * `OutcomeUnknownError`; after each of them it is safe to begin again.
   *
   * @example
   * ```ts
   * await varve.exactlyOnce({
   *   consumer: { groupId: 'billing', topics: ['orders'] },
   *   producer: { transactionalId: 'billing-1' },
   *   eachBatch: ({ records }, transaction) => {
   *     for (const { key, value } of records) void transaction.send({ topic: 'invoices', key, value })
   *   },
   *   signal: stopping.signal,
   * })
   * ```
   */
  exactlyOnce(options: ExactlyOnceOptions): Promise<void> {
    return exactlyOnce(this.#settings, options)
  }

  /** Looks after topics, settings and offsets. */
  admin(options: AdminOptions = {}): Admin {
    return new Admin(this.#settings, options)
  }
}
