import { type ErrorName, type FetchResponse, ZERO_UUID } from '@varve/protocol'
import { backoffMs } from '../backoff.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { BrokerImage } from '../cluster/image.ts'
import { asError, isRetriable, ProtocolError, protocolError } from '../errors.ts'
import { WakeUp } from '../wake-up.ts'
import { type BrokerFetches, fetchesAtRest } from './broker-fetches.ts'
import { isStuck, noWholeBatch, stuckError } from './fetch-problems.ts'
import {
  answersByPartition,
  NO_SESSION,
  type PartitionAnswer,
  requestFetch,
} from './fetch-request.ts'
import { type FetchItem, FetchSession } from './fetch-session.ts'
import { FetchedRecords } from './fetched-records.ts'
import type { ConsumerSettings } from './options.ts'
import { Positions } from './positions.ts'
import type { ReadPartition } from './read-partition.ts'
import { anotherPartition, changedTopicId, topicChanged } from './topic-change.ts'

/** Fetched answers that a partition may keep for the reader: one to take from, one to go on with. */
const FETCHED_MAX = 2
/** How long a replica that the leader pointed to is read from before the leader is asked again. */
const PREFERRED_REPLICA_MS = 300_000

const SESSION_ERRORS: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'FETCH_SESSION_ID_NOT_FOUND',
  'INVALID_FETCH_SESSION_EPOCH',
  'FETCH_SESSION_TOPIC_ID_ERROR',
])

interface Asked {
  readonly partition: ReadPartition
  readonly item: FetchItem
  readonly generation: number
}

/**
 * Keeps the partitions filled with fetched records. A broker gets one long-polling fetch in a session; a partition that
 * becomes ready meanwhile, after a seek or because the reader made room, does not wait for that one to come back but is
 * fetched beside it. All state is touched synchronously, from one of: the reader, an answer, a timer; `pump` looks at it and
 * asks for what is missing.
 */
export class Fetcher {
  readonly #cluster: Cluster
  readonly #settings: ConsumerSettings
  readonly #positions: Positions
  readonly #partitions: ReadPartition[] = []
  readonly #brokers = new Map<number, BrokerFetches>()
  readonly #onChange: () => void
  readonly #wakeUp: WakeUp
  #isRefreshing = false
  #isClosed = false

  /** `onChange` is called when there may be something for the reader. */
  constructor(parts: { cluster: Cluster; settings: ConsumerSettings; onChange: () => void }) {
    this.#cluster = parts.cluster
    this.#settings = parts.settings
    this.#onChange = parts.onChange
    this.#positions = new Positions(parts.cluster, parts.settings)
    this.#wakeUp = new WakeUp(parts.cluster.settings.platform.clock, () => this.pump())
  }

  get partitions(): readonly ReadPartition[] {
    return this.#partitions
  }

  add(partition: ReadPartition): void {
    this.#partitions.push(partition)
  }

  /** Reads it no more; what is still to be answered of it is dropped. */
  remove(partition: ReadPartition): void {
    const index = this.#partitions.indexOf(partition)
    if (index >= 0) this.#partitions.splice(index, 1)
    partition.end()
  }

  close(): void {
    this.#isClosed = true
    this.#wakeUp.cancel()
  }

  /** The oldest answer of a partition is used up. */
  finishFetched(partition: ReadPartition): void {
    partition.finishFetched()
    this.pump()
  }

  /** Changes the position of a partition; everything that was fetched of it goes. */
  move(partition: ReadPartition, change: (partition: ReadPartition) => void): void {
    change(partition)
    this.pump()
  }

  /** Asks for whatever is missing and may be asked for now. */
  pump(): void {
    if (this.#isClosed) return
    if (this.#cluster.isStale) this.#refresh()
    this.#lookUp()
    if (this.#bufferedBytes() >= this.#settings.bufferBytes) return
    const ready = new Map<BrokerImage, ReadPartition[]>()
    for (const partition of [...this.#partitions]) {
      if (partition.isBeingFetched || partition.fetched.length >= FETCHED_MAX) continue
      const broker = this.#brokerFor(partition)
      if (broker === undefined) continue
      const known = ready.get(broker)
      if (known === undefined) ready.set(broker, [partition])
      else known.push(partition)
    }
    for (const [broker, partitions] of ready) this.#fetchFrom(broker, partitions)
  }

  /** Added up each time: what is fetched also goes when a position moves, and a sum that drifts would stop the reading. */
  #bufferedBytes(): number {
    let bytes = 0
    for (const { fetched } of this.#partitions) {
      for (const { sizeBytes } of fetched) bytes += sizeBytes
    }
    return bytes
  }

  /** Where to read a partition from now, or undefined while it cannot be read or need not be. */
  #brokerFor(partition: ReadPartition): BrokerImage | undefined {
    const now = this.#now()
    if (!partition.isReadable || partition.target !== undefined || partition.failure !== undefined)
      return undefined
    if (partition.endOffset === undefined || partition.fetchOffset >= partition.endOffset)
      return undefined
    if (this.#isAnotherTopic(partition)) return undefined
    if (partition.isAsking || this.#mustValidate(partition)) return undefined
    if (partition.retryAt > now) {
      this.#wakeUp.at(partition.retryAt)
      return undefined
    }
    const { preferred } = partition
    const replica =
      preferred === undefined || preferred.until < now ? undefined : preferred.brokerId
    const broker =
      (replica === undefined ? undefined : this.#cluster.image.brokers.get(replica)) ??
      this.#cluster.leaderOf(partition.topic, partition.partition)
    if (broker === undefined) {
      const { error } = this.#cluster.partition(partition.topic, partition.partition) ?? {}
      this.#trouble(
        partition,
        error ?? new ProtocolError('LEADER_NOT_AVAILABLE', `partition ${partition.name}`),
      )
    }
    return broker
  }

  /** Whether the topic was deleted and created again; then reading begins anew. */
  #isAnotherTopic(partition: ReadPartition): boolean {
    const topicId = changedTopicId(partition, this.#cluster.image)
    if (topicId === undefined) return false
    const { autoOffsetReset } = this.#settings
    if (autoOffsetReset === 'none') {
      partition.failure = topicChanged(partition)
      return true
    }
    const { topic, position: offset } = partition
    const fields = { topic, partition: partition.partition, offset, autoOffsetReset }
    const message = 'the topic was deleted and created again; reading begins anew'
    this.#cluster.settings.log.warn(message, fields)
    this.add(anotherPartition(partition, topicId, autoOffsetReset))
    this.remove(partition)
    this.#wakeUp.at(this.#now())
    return true
  }

  #mustValidate(partition: ReadPartition): boolean {
    const leaderEpoch =
      this.#cluster.partition(partition.topic, partition.partition)?.leaderEpoch ?? -1
    return (
      partition.lastEpoch >= 0 &&
      leaderEpoch > partition.validatedEpoch &&
      leaderEpoch > partition.lastEpoch
    )
  }

  /** Looks up positions that are not offsets yet, and those that a change of leader put in doubt. */
  #lookUp(): void {
    const due: ReadPartition[] = []
    for (const partition of this.#partitions) {
      if (partition.isAsking || partition.awaitsOffset || partition.failure) continue
      if (!partition.isUnresolved && !this.#mustValidate(partition)) continue
      if (partition.retryAt <= this.#now()) due.push(partition)
      // The timer that was set for it may have fired a moment early, or for another one.
      else this.#wakeUp.at(partition.retryAt)
    }
    const unresolved = due.filter(({ isUnresolved }) => isUnresolved)
    const doubtful = due.filter(({ isUnresolved }) => !isUnresolved)
    if (unresolved.length > 0) this.#ask(unresolved, () => this.#positions.resolve(unresolved))
    if (doubtful.length > 0) this.#ask(doubtful, () => this.#positions.validate(doubtful))
  }

  #ask(partitions: readonly ReadPartition[], work: () => Promise<void>): void {
    for (const partition of partitions) partition.isAsking = true
    work()
      .catch((error: unknown) => {
        for (const partition of partitions) this.#failed(partition, asError(error))
      })
      .finally(() => {
        for (const partition of partitions) partition.isAsking = false
        this.#changed()
      })
  }

  #fetchFrom(broker: BrokerImage, partitions: readonly ReadPartition[]): void {
    const fetches = this.#fetchesOf(broker.brokerId)
    if (fetches.retryAt > this.#now()) {
      this.#wakeUp.at(fetches.retryAt)
      return
    }
    if (!fetches.isAsking) {
      this.#fetchInSession(broker, fetches, partitions)
      return
    }
    const news = partitions.filter(({ emptyAt, fetchOffset }) => emptyAt !== fetchOffset)
    if (!fetches.isAskingAside && news.length > 0) this.#fetchAside(broker, fetches, news)
  }

  #fetchInSession(
    broker: BrokerImage,
    fetches: BrokerFetches,
    partitions: readonly ReadPartition[],
  ): void {
    const asked = partitions.map(partition => this.#asked(partition))
    const { requestTimeoutMs } = this.#cluster.settings
    fetches.isAsking = true
    this.#cluster
      .connection(broker, 'fetches')
      .then(connection => {
        const part = fetches.session.next(asked.map(({ item }) => item))
        return requestFetch(connection, part, { ...this.#settings, requestTimeoutMs })
      })
      .then(
        response => this.#answered(fetches, asked, response),
        (error: unknown) => {
          fetches.session.reset()
          this.#fetchFailed(fetches, asked, asError(error))
        },
      )
      .finally(() => {
        fetches.isAsking = false
        this.#fetched(asked)
      })
  }

  /** Asks without a session and without waiting, on the connection that no fetch is ever held back on. */
  #fetchAside(
    broker: BrokerImage,
    fetches: BrokerFetches,
    partitions: readonly ReadPartition[],
  ): void {
    const asked = partitions.map(partition => this.#asked(partition))
    for (const partition of partitions) partition.emptyAt = partition.fetchOffset
    const { requestTimeoutMs } = this.#cluster.settings
    fetches.isAskingAside = true
    this.#cluster
      .connection(broker, 'requests')
      .then(connection => {
        const part = new FetchSession().next(asked.map(({ item }) => item))
        return requestFetch(
          connection,
          { ...part, sessionEpoch: NO_SESSION },
          { ...this.#settings, requestTimeoutMs, maxWaitMs: 0 },
        )
      })
      .then(
        response => this.#takeAll(asked, response),
        (error: unknown) => this.#fetchFailed(fetches, asked, asError(error)),
      )
      .finally(() => {
        fetches.isAskingAside = false
        this.#fetched(asked)
      })
  }

  #fetched(asked: readonly Asked[]): void {
    for (const { partition, generation } of asked) partition.answered(generation)
    this.#changed()
  }

  #fetchesOf(brokerId: number): BrokerFetches {
    let fetches = this.#brokers.get(brokerId)
    if (fetches === undefined) {
      fetches = fetchesAtRest()
      this.#brokers.set(brokerId, fetches)
    }
    return fetches
  }

  #asked(partition: ReadPartition): Asked {
    const { topic, fetchOffset, generation } = partition
    const image = this.#cluster.image.topics.get(topic)
    const item = {
      topic,
      topicId: image?.topicId ?? ZERO_UUID,
      partition: partition.partition,
      fetchOffset,
      currentLeaderEpoch: image?.partitions[partition.partition]?.leaderEpoch ?? -1,
      partitionMaxBytes: this.#settings.maxPartitionBytes,
    }
    partition.asked()
    return { partition, item, generation }
  }

  #answered(fetches: BrokerFetches, asked: readonly Asked[], response: FetchResponse): void {
    if (this.#isClosed) return
    const error = protocolError(response.errorCode, { about: 'fetching' })
    if (error !== undefined) {
      fetches.session.reset()
      // The broker forgot the session, which it may at any time: a full request begins another.
      if (!SESSION_ERRORS.has(error.error)) this.#fetchFailed(fetches, asked, error)
      return
    }
    fetches.session.answered(response.sessionId)
    fetches.failures = 0
    this.#takeAll(asked, response)
  }

  #takeAll(asked: readonly Asked[], response: FetchResponse): void {
    if (this.#isClosed) return
    const answers = answersByPartition(response)
    // With records of others, a partition may have come short only because of the size limits.
    const isFull = [...answers.values()].some(
      ({ records }) => records !== null && records.length > 0,
    )
    let isOutdated = false
    for (const { partition, item, generation } of asked) {
      const answer =
        answers.get(`${item.partition} ${item.topicId}`) ??
        answers.get(`${item.partition} ${item.topic}`)
      if (partition.generation !== generation) continue
      // An incremental session only speaks of what changed.
      if (answer === undefined) partition.worked()
      else if (!isFull && isStuck(partition, answer, this.#settings))
        this.#trouble(partition, stuckError(partition, answer))
      else isOutdated = this.#take(partition, answer) || isOutdated
      if (answer !== undefined) this.#noteLeader(partition, answer, response)
    }
    if (isOutdated) this.#refresh()
  }

  /** Takes the answer for one partition; true when it shows that our metadata is out of date. */
  #take(partition: ReadPartition, answer: PartitionAnswer): boolean {
    const error = protocolError(answer.errorCode, {
      about: `reading ${partition.name} at ${partition.fetchOffset}`,
    })
    if (error?.error === 'OFFSET_OUT_OF_RANGE') {
      this.#outOfRange(partition, error)
      return false
    }
    if (error !== undefined) {
      this.#failed(partition, error)
      return error.retriable
    }
    partition.worked()
    if (answer.preferredReadReplica >= 0) {
      const until = this.#now() + PREFERRED_REPLICA_MS
      partition.preferred = { brokerId: answer.preferredReadReplica, until }
    }
    if (answer.records !== null && answer.records.length > 0)
      this.#keep(partition, answer, answer.records)
    return false
  }

  #keep(partition: ReadPartition, answer: PartitionAnswer, bytes: Uint8Array): void {
    const { codecs, crc32c } = this.#cluster.settings.platform
    const { checkCrcs, decompressedBytesMax, isolationLevel } = this.#settings
    try {
      const records = new FetchedRecords({
        topic: partition.topic,
        partition: partition.partition,
        bytes,
        fetchOffset: partition.fetchOffset,
        endOffset: partition.endOffset ?? Number.POSITIVE_INFINITY,
        highWatermark: answer.highWatermark,
        abortedTransactions:
          isolationLevel === 'read_committed' ? (answer.abortedTransactions ?? []) : [],
        codecs,
        crc32c: checkCrcs ? crc32c : undefined,
        decompressedBytesMax,
      })
      if (records.nextOffset === partition.fetchOffset) throw noWholeBatch(partition, bytes)
      partition.add(records)
    } catch (error) {
      this.#failed(partition, asError(error))
    }
  }

  #outOfRange(partition: ReadPartition, error: ProtocolError): void {
    if (partition.preferred !== undefined) {
      // A replica may lag behind the leader, which is asked before anything is concluded.
      partition.preferred = undefined
      return
    }
    if (partition.fetched.length > 0) {
      // What was fetched is handed out first: a reset must not pass over it.
      partition.retryAt = this.#now() + this.#cluster.settings.retryBackoff.firstMs
      this.#wakeUp.at(partition.retryAt)
      return
    }
    const { autoOffsetReset } = this.#settings
    if (autoOffsetReset === 'none') {
      partition.failure = error
      return
    }
    const { topic, fetchOffset: offset } = partition
    const fields = { topic, partition: partition.partition, offset, autoOffsetReset }
    this.#cluster.settings.log.warn('the position is not in the log any more; it is reset', fields)
    this.move(partition, () => partition.moveTo(autoOffsetReset))
  }

  #noteLeader(partition: ReadPartition, answer: PartitionAnswer, response: FetchResponse): void {
    const { leaderId, leaderEpoch } = answer.currentLeader
    if (leaderId < 0) return
    const endpoints = response.nodeEndpoints.map(({ nodeId: brokerId, ...at }) => ({
      brokerId,
      ...at,
    }))
    const { topic } = partition
    const isNews = this.#cluster.noteLeader(
      { topic, partition: partition.partition, leaderId, leaderEpoch },
      endpoints,
    )
    if (isNews) partition.retryAt = 0
  }

  #fetchFailed(fetches: BrokerFetches, asked: readonly Asked[], error: Error): void {
    if (this.#isClosed) return
    fetches.failures += 1
    const { retryBackoff, platform } = this.#cluster.settings
    fetches.retryAt = this.#now() + backoffMs(retryBackoff, fetches.failures, platform.random)
    for (const { partition, generation } of asked) {
      partition.preferred = undefined
      if (partition.generation === generation) this.#failed(partition, error)
    }
    this.#refresh()
  }

  /** A partition could not be read: again later when that may help, else the reader is told. */
  #failed(partition: ReadPartition, error: Error): void {
    if (
      !isRetriable(error) ||
      (error instanceof ProtocolError && error.error === 'CORRUPT_MESSAGE')
    ) {
      partition.failure = error
      return
    }
    this.#trouble(partition, error)
  }

  #trouble(partition: ReadPartition, error: Error): void {
    const { retryBackoff, platform } = this.#cluster.settings
    partition.failures += 1
    partition.retryAt = this.#now() + backoffMs(retryBackoff, partition.failures, platform.random)
    this.#wakeUp.at(partition.retryAt)
    this.#report(partition, error)
    this.#refresh()
  }

  #report(partition: ReadPartition, error: Error): void {
    const { topic, position: offset } = partition
    const fields = { topic, partition: partition.partition, offset, error }
    const forMs = partition.troubled(this.#now())
    if (forMs === undefined) this.#cluster.settings.log.debug('could not read a partition', fields)
    else
      this.#cluster.settings.log.warn('a partition cannot be read', {
        ...fields,
        forMs: Math.round(forMs),
      })
  }

  #refresh(): void {
    if (this.#isRefreshing || this.#isClosed) return
    this.#isRefreshing = true
    this.#cluster
      .refresh()
      .catch((error: unknown) =>
        this.#cluster.settings.log.debug('could not refresh metadata', { error }),
      )
      .finally(() => {
        this.#isRefreshing = false
        this.pump()
      })
  }

  #changed(): void {
    this.pump()
    this.#onChange()
  }

  #now(): number {
    return this.#cluster.settings.platform.clock.monotonic()
  }
}
