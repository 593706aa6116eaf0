import { type Api, Metadata, type ResponseOf, ZERO_UUID } from '@varve/protocol'
import { asError, ClosedError, ConnectionError, ProtocolError } from '../errors.ts'
import type { Connection, InputFor } from '../network/connection.ts'
import { Connections, type Lane } from '../network/connections.ts'
import type { Address } from '../platform.ts'
import { abortable, type RetryOptions, retrying } from '../retry.ts'
import type { ClientSettings } from '../settings.ts'
import {
  type BrokerImage,
  type ClusterImage,
  EMPTY_IMAGE,
  type PartitionImage,
  type TopicImage,
  withLeader,
  withMetadata,
} from './image.ts'

export interface ClusterOptions {
  /** Whether asking for a topic that does not exist may create it, if the broker allows that too. */
  readonly missingTopics: 'create' | 'report'
}

export interface BrokerRequestOptions {
  readonly lane?: Lane
  readonly timeoutMs?: number
  readonly newestVersion?: number
}

/** Which partition a broker named a new leader for, and who that is. */
export interface LeaderNews {
  readonly topic: string
  readonly partition: number
  readonly leaderId: number
  readonly leaderEpoch: number
}

/** The cluster as one producer, consumer or admin sees it: what is known of it, and the connections to its brokers. */
export class Cluster {
  readonly settings: ClientSettings
  readonly #missingTopics: ClusterOptions['missingTopics']
  readonly #connections: Connections
  readonly #topics = new Set<string>()
  readonly #listeners = new Set<() => void>()
  #image = EMPTY_IMAGE
  #refreshedAt = Number.NEGATIVE_INFINITY
  #refreshing: Promise<void> | undefined
  #next: Promise<void> | undefined
  #closed = false

  constructor(settings: ClientSettings, options: ClusterOptions) {
    this.settings = settings
    this.#missingTopics = options.missingTopics
    this.#connections = new Connections(settings)
  }

  /** What is known now. */
  get image(): ClusterImage {
    return this.#image
  }

  /** Calls `listener` after each change of the image, until the returned function is called. */
  onImage(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Has every refresh from now on ask for this topic too. */
  track(topic: string): void {
    this.#topics.add(topic)
  }

  partition(topic: string, partition: number): PartitionImage | undefined {
    return this.#image.topics.get(topic)?.partitions[partition]
  }

  /** The leader of a partition as a broker that can be asked, or undefined while none is known. */
  leaderOf(topic: string, partition: number): BrokerImage | undefined {
    return this.#image.brokers.get(this.partition(topic, partition)?.leaderId ?? -1)
  }

  get isStale(): boolean {
    const { platform, metadataMaxAgeMs } = this.settings
    return platform.clock.monotonic() - this.#refreshedAt > metadataMaxAgeMs
  }

  /** The topic with all its partitions known; asks until it is, fails for good, or the time is up. */
  async topic(
    name: string,
    options?: { timeoutMs?: number; signal?: AbortSignal },
  ): Promise<TopicImage> {
    this.track(name)
    const known = this.#image.topics.get(name)
    if (known !== undefined && known.error === undefined && !this.isStale) return known
    const about = `looking up topic ${name}`
    return retrying(
      this.settings,
      { timeoutMs: this.settings.apiTimeoutMs, ...options, about },
      async () => {
        await this.refresh()
        const topic = this.#image.topics.get(name)
        if (topic === undefined)
          throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `topic ${name}`)
        if (topic.error !== undefined) throw topic.error
        return topic
      },
    )
  }

  /**
   * Asks for the tracked topics again. Callers share one request; one that comes while a request is under way waits for
   * the next, because the answer under way may be older than what made it ask.
   */
  refresh(): Promise<void> {
    if (this.#refreshing === undefined) {
      this.#refreshing = this.#refresh().finally(() => {
        this.#refreshing = undefined
      })
      return this.#refreshing
    }
    this.#next ??= this.#refreshing
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        return this.refresh()
      })
    return this.#next
  }

  /** Asks for the tracked topics again, without waiting. Failures are only noted: whoever needs to know asks again. */
  refreshSoon(): void {
    if (this.#refreshing !== undefined) return
    this.refresh().catch((error: unknown) =>
      this.settings.log.debug('could not refresh metadata', { error }),
    )
  }

  /** Takes the news of a new leader that came with an answer (KIP-951); true when it was news. */
  noteLeader(news: LeaderNews, endpoints: readonly BrokerImage[]): boolean {
    const image = withLeader(this.#image, news, endpoints)
    if (image === this.#image) return false
    this.#become(image)
    return true
  }

  /** The open connection to a broker, if there is one. */
  currentConnection(broker: Address, lane: Lane): Connection | undefined {
    return this.#connections.current(broker, lane)
  }

  connection(broker: Address, lane: Lane): Promise<Connection> {
    return this.#connections.get(broker, lane)
  }

  /** Asks one broker once. */
  async request<A extends Api>(
    broker: Address,
    api: A,
    input: InputFor<A>,
    options: BrokerRequestOptions = {},
  ): Promise<ResponseOf<A>> {
    const connection = await this.#connections.get(broker, options.lane ?? 'requests')
    return connection.request(api, input, options)
  }

  /** Asks any broker, and another one when that fails, until one answers or the time is up. */
  requestAny<A extends Api>(
    api: A,
    input: InputFor<A>,
    options: RetryOptions,
  ): Promise<ResponseOf<A>> {
    return retrying(this.settings, options, async remainingMs => {
      const connection = await this.#anyConnection()
      const timeoutMs = Math.min(remainingMs, this.settings.requestTimeoutMs)
      return connection.request(api, input, { timeoutMs })
    })
  }

  /** The broker that is said to be the controller, else any: in KRaft every broker forwards. */
  async controller(signal?: AbortSignal): Promise<Address> {
    if (this.#image.brokers.size === 0) await abortable(this.refresh(), signal)
    const broker = this.#image.brokers.get(this.#image.controllerId)
    if (broker !== undefined) return broker
    const [first] = this.#image.brokers.values()
    if (first === undefined) throw new ConnectionError('the cluster names no broker')
    return first
  }

  /** Bytes that were sent to any broker and have not left this machine yet. */
  get unsentBytes(): number {
    return this.#connections.unsentBytes
  }

  close(): void {
    this.#closed = true
    this.#listeners.clear()
    this.#connections.close()
  }

  async #refresh(): Promise<void> {
    if (this.#closed) throw new ClosedError('the client was closed')
    const connection = await this.#anyConnection()
    const response = await connection.request(Metadata, {
      topics: [...this.#topics].map(name => ({ topicId: ZERO_UUID, name })),
      allowAutoTopicCreation: this.#missingTopics === 'create',
    })
    if (response.errorCode !== 0) {
      // KIP-1102: the broker no longer belongs to this cluster; only the bootstrap addresses can be trusted.
      this.#image = { ...this.#image, brokers: new Map() }
      throw new ConnectionError('the broker asked to start again from the bootstrap addresses')
    }
    this.#refreshedAt = this.settings.platform.clock.monotonic()
    this.#become(withMetadata(this.#image, response))
  }

  #become(image: ClusterImage): void {
    this.#image = image
    for (const listener of this.#listeners) listener()
  }

  /** An open connection if there is one; else the known brokers and then the bootstrap addresses, each tried once. */
  async #anyConnection(): Promise<Connection> {
    const known = shuffled([...this.#image.brokers.values()], this.settings.platform.random)
    const candidates: Address[] = [...known, ...this.settings.brokers]
    for (const candidate of candidates) {
      const open = this.#connections.current(candidate, 'requests')
      if (open !== undefined) return open
    }
    const rested = candidates.filter(
      candidate => !this.#connections.isBackingOff(candidate, 'requests'),
    )
    let failure: unknown
    for (const candidate of rested.length > 0 ? rested : candidates) {
      try {
        return await this.#connections.get(candidate, 'requests')
      } catch (error) {
        if (this.#closed) throw error
        failure = error
      }
    }
    const cause = asError(failure)
    throw new ConnectionError(`no broker could be reached: ${cause.message}`, { cause })
  }
}

function shuffled<T>(items: T[], random: { below(bound: number): number }): T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1)
    const item = items[last] as T
    items[last] = items[other] as T
    items[other] = item
  }
  return items
}
