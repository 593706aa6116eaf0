import { Produce, type ProduceResponse } from '@varve/protocol'
import { backoffAfter, backoffMs } from '../backoff.ts'
import { ChangeSignal } from '../change-signal.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { BrokerImage } from '../cluster/image.ts'
import { asError, ConnectionError, isRetriable } from '../errors.ts'
import type { Timer } from '../platform.ts'
import { WakeUp } from '../wake-up.ts'
import { Accumulator, type AccumulatorListener } from './accumulator.ts'
import { NO_STAMP, type ProducerBatch } from './batch.ts'
import { BatchOutcomes } from './batch-outcomes.ts'
import { Flushes } from './flushes.ts'
import { requestIdentity } from './identity.ts'
import type { ProducerSettings } from './options.ts'
import type { PartitionQueue, ProducerIdentity } from './partition-queue.ts'
import { answersOf, type PartitionAnswer, produceCall, type SentBatch } from './produce-request.ts'
import type { SendingTransaction } from './sending-transaction.ts'
import { verdictOf } from './verdict.ts'

const UNSENT_RECHECK_MS = 5

/** The requests that one pass has put together for one broker. */
interface Plan {
  readonly broker: BrokerImage
  readonly sent: SentBatch[]
  sizeBytes: number
}

/**
 * Sends batches to the leaders of their partitions, again where that helps, and tells each batch what came of it. All state
 * is touched synchronously, from one of: records coming in, an answer, a timer.
 */
export class Sender implements AccumulatorListener {
  readonly accumulator: Accumulator
  readonly #cluster: Cluster
  readonly #settings: ProducerSettings
  readonly #active = new Set<PartitionQueue>()
  readonly #inFlight = new Map<number, number>()
  readonly #connecting = new Set<number>()
  #identity: ProducerIdentity | undefined
  #isGettingIdentity = false
  #isRefreshing = false
  #isScheduled = false
  readonly #wakeUp: WakeUp
  #expiry: Timer | undefined
  readonly #flushes: Flushes
  readonly #outcomes: BatchOutcomes
  readonly #answers = new ChangeSignal()
  #transaction: SendingTransaction | undefined
  #isClosed = false

  constructor(cluster: Cluster, settings: ProducerSettings) {
    this.#cluster = cluster
    this.#settings = settings
    const { platform } = cluster.settings
    this.accumulator = new Accumulator({ settings, platform, listener: this })
    this.#flushes = new Flushes(this.accumulator)
    this.#outcomes = new BatchOutcomes({
      cluster,
      deliveryTimeoutMs: settings.deliveryTimeoutMs,
      accumulator: this.accumulator,
      flushes: this.#flushes,
      transaction: () => this.#transaction,
      onRetry: (queue, error) => this.#backOff(queue, error),
    })
    this.#wakeUp = new WakeUp(platform.clock, () => this.#drain())
    cluster.onImage(() => {
      this.#topicsKnown()
      this.wake()
    })
  }

  onUnknownTopic(topic: string): void {
    this.#watchDeadlines()
    const { apiTimeoutMs } = this.#cluster.settings
    const timeoutMs = Math.min(apiTimeoutMs, this.#settings.deliveryTimeoutMs)
    this.#cluster.topic(topic, { timeoutMs }).then(
      () => this.#topicsKnown(),
      (error: unknown) => {
        this.accumulator.topicFailed(topic, asError(error))
        this.#flushes.settle()
      },
    )
  }

  /** Records that waited for their topic go into batches, or fail: a flush may have waited for nothing else. */
  #topicsKnown(): void {
    this.accumulator.topicsKnown(this.#cluster.image)
    this.#flushes.settle()
  }

  onBatch(queue: PartitionQueue, batch: 'opened' | 'full'): void {
    this.#active.add(queue)
    this.#watchDeadlines()
    const { lingerMs } = this.#settings
    if (batch === 'full' || lingerMs === 0 || this.#flushes.isAny) this.wake()
    else this.#wakeUp.at(this.#now() + lingerMs)
  }

  /** Resolves when everything that was taken so far is settled; nothing lingers meanwhile. */
  flush(): Promise<void> {
    const settled = this.#flushes.wait()
    if (settled === undefined) return Promise.resolve()
    this.wake()
    return settled
  }

  /** From here on everything is sent in this transaction; undefined: nothing is to be sent. */
  join(transaction: SendingTransaction | undefined): void {
    this.#transaction = transaction
  }

  /** Gives up all that is not under way. */
  abandon(reason: Error): void {
    this.accumulator.failWaiting(reason)
    for (const queue of this.#active) {
      for (const batch of queue.batches())
        if (!batch.isInFlight) this.#outcomes.giveUp({ queue, batch }, reason)
    }
    this.#flushes.settle()
  }

  /** Resolves when no answer is awaited any more: what was sent is acknowledged, refused or in doubt. */
  async untilAnswered(): Promise<void> {
    while (!this.#isClosed && [...this.#active].some(({ inFlight }) => inFlight > 0))
      await this.#answers.next()
  }

  /** Fails what is not settled and stops. */
  close(reason: Error): void {
    this.#isClosed = true
    this.#wakeUp.cancel()
    this.#expiry?.cancel()
    this.accumulator.failWaiting(reason)
    for (const queue of this.#active) for (const batch of queue.batches()) batch.fail(reason)
    this.#active.clear()
    this.#flushes.close()
    this.#answers.fire()
  }

  #now(): number {
    return this.#cluster.settings.platform.clock.monotonic()
  }

  /** Looks at the end of this turn what can be sent. */
  wake(): void {
    if (this.#isScheduled || this.#isClosed) return
    this.#isScheduled = true
    this.#cluster.settings.platform.clock.endOfTurn(() => {
      this.#isScheduled = false
      this.#drain()
    })
  }

  #drain(): void {
    for (const queue of this.#active) if (queue.isEmpty) this.#active.delete(queue)
    if (this.#isClosed || this.#active.size === 0) return
    const isTransactional = this.#settings.transactionalId !== undefined
    if (this.#settings.idempotent && !isTransactional && this.#identity === undefined) {
      this.#getIdentity()
      return
    }
    if (this.#cluster.isStale) this.#refresh()
    while (this.#sendRound()) {
      // Each round sends at most one request per broker; more rounds follow while requests may be under way at once.
    }
  }

  #sendRound(): boolean {
    const plans = new Map<number, Plan>()
    for (const queue of this.#active) this.#plan(queue, plans)
    for (const plan of plans.values()) this.#send(plan)
    return plans.size > 0
  }

  /** Adds the next batch of a partition to the plan for its leader, if there is one that may be sent now. */
  #plan(queue: PartitionQueue, plans: Map<number, Plan>): void {
    const now = this.#now()
    if (queue.retryAt > now) {
      this.#wakeUp.at(queue.retryAt)
      return
    }
    if (queue.needsNewIdentity && !this.#renewIdentity(queue)) return
    if (this.#transaction?.admits(queue) === false) return
    const leader = this.#cluster.leaderOf(queue.topic, queue.partition)
    if (leader === undefined) {
      this.#backOff(queue)
      this.#refresh()
      return
    }
    if (queue.inFlight > 0 && queue.brokerId !== leader.brokerId) return
    if (!this.#mayAsk(leader)) return
    const batch = this.#nextBatch(queue, now)
    if (batch === undefined) return
    let plan = plans.get(leader.brokerId)
    if (plan === undefined) {
      plan = { broker: leader, sent: [], sizeBytes: 0 }
      plans.set(leader.brokerId, plan)
    }
    if (plan.sent.length > 0 && plan.sizeBytes + batch.sizeBytes > this.#settings.maxRequestBytes)
      return
    plan.sent.push({ queue, batch })
    plan.sizeBytes += batch.sizeBytes
  }

  #nextBatch(queue: PartitionQueue, now: number): ProducerBatch | undefined {
    const { lingerMs, maxInFlight } = this.#settings
    const isFlushing = this.#flushes.isAny
    const batch = queue.next(maxInFlight, open => isFlushing || now - open.createdAt >= lingerMs)
    if (batch === undefined && queue.open !== undefined && queue.inFlight === 0) {
      this.#wakeUp.at(queue.open.createdAt + lingerMs)
    }
    return batch
  }

  /** Whether another request may go to a broker now; begins to connect where there is no connection. */
  #mayAsk(broker: BrokerImage): boolean {
    if ((this.#inFlight.get(broker.brokerId) ?? 0) >= this.#settings.maxInFlight) return false
    const connection = this.#cluster.currentConnection(broker, 'requests')
    if (connection === undefined) {
      this.#connect(broker)
      return false
    }
    if (this.#settings.acks !== 0 || connection.unsentBytes < this.#settings.bufferMemoryBytes)
      return true
    this.#wakeUp.at(this.#now() + UNSENT_RECHECK_MS)
    return false
  }

  #connect(broker: BrokerImage): void {
    if (this.#connecting.has(broker.brokerId)) return
    this.#connecting.add(broker.brokerId)
    this.#cluster
      .connection(broker, 'requests')
      .catch(() => this.#refresh())
      .finally(() => {
        this.#connecting.delete(broker.brokerId)
        this.wake()
      })
  }

  #send({ broker, sent }: Plan): void {
    const { acks, compression, compressionLevel: level } = this.#settings
    const { platform, requestTimeoutMs } = this.#cluster.settings
    const transaction = this.#transaction
    const isTransactional = transaction !== undefined
    const identity = transaction?.identity ?? this.#identity
    for (const { queue, batch } of sent) {
      if (!batch.isSealed) {
        if (isTransactional) queue.follow(transaction.identity)
        const stamp = batch.stamp === NO_STAMP ? queue.stampFor(batch, identity) : batch.stamp
        batch.seal({ stamp, compression, level, isTransactional, platform })
      }
      queue.brokerId = broker.brokerId
      queue.sent(batch)
    }
    transaction?.onSent()
    const call = produceCall(sent, this.#cluster.image, {
      acks,
      timeoutMs: requestTimeoutMs,
      transactionalId: transaction?.transactionalId ?? null,
    })
    const connection = this.#cluster.currentConnection(broker, 'requests')
    if (connection === undefined) {
      this.#failed(sent, new ConnectionError('the connection ended before the request left'))
      return
    }
    const newestVersion = Math.min(
      call.newestVersion,
      transaction?.newestProduceVersion ?? call.newestVersion,
    )
    if (acks === 0) {
      this.#tell(sent, () => connection.tell(Produce, call.request, newestVersion))
      return
    }
    this.#inFlight.set(broker.brokerId, (this.#inFlight.get(broker.brokerId) ?? 0) + 1)
    connection
      .request(Produce, call.request, { newestVersion })
      .finally(() =>
        this.#inFlight.set(broker.brokerId, (this.#inFlight.get(broker.brokerId) ?? 1) - 1),
      )
      .then(
        response => this.#answered(sent, answersOf(sent, call, response), response),
        (error: unknown) => this.#failed(sent, asError(error)),
      )
  }

  #tell(sent: readonly SentBatch[], tell: () => void): void {
    try {
      tell()
    } catch (error) {
      this.#failed(sent, asError(error))
      return
    }
    for (const { queue, batch } of sent) {
      queue.answered(batch)
      this.#outcomes.acknowledged({ queue, batch }, { baseOffset: -1, logAppendTimeMs: -1 })
    }
  }

  #failed(sent: readonly SentBatch[], error: Error): void {
    if (this.#isClosed) return
    for (const entry of sent) {
      entry.queue.answered(entry.batch)
      this.#outcomes.refused(entry, error)
    }
    if (isRetriable(error)) this.#refresh()
    this.#answers.fire()
    this.wake()
  }

  #answered(
    sent: readonly SentBatch[],
    answers: readonly (PartitionAnswer | undefined)[],
    response: ProduceResponse,
  ): void {
    if (this.#isClosed) return
    let isOutdated = false
    for (const [index, entry] of sent.entries()) {
      const answer = answers[index]
      entry.queue.answered(entry.batch)
      const verdict = verdictOf(entry.batch, answer)
      if (verdict.type === 'appended') {
        this.#outcomes.acknowledged(entry, verdict)
        continue
      }
      const { error } = verdict
      this.#outcomes.refused(entry, error)
      if (answer !== undefined && this.#noteLeader(entry, answer, response)) entry.queue.retryAt = 0
      else isOutdated ||= isRetriable(error)
    }
    if (isOutdated) this.#refresh()
    this.#answers.fire()
    this.wake()
  }

  #noteLeader({ batch }: SentBatch, answer: PartitionAnswer, response: ProduceResponse): boolean {
    const { leaderId, leaderEpoch } = answer.currentLeader
    if (leaderId < 0) return false
    const endpoints = response.nodeEndpoints.map(({ nodeId, host, port, rack }) => ({
      brokerId: nodeId,
      host,
      port,
      rack,
    }))
    return this.#cluster.noteLeader(
      { topic: batch.topic, partition: batch.partition, leaderId, leaderEpoch },
      endpoints,
    )
  }

  #backOff(queue: PartitionQueue, error?: Error): void {
    const { platform } = this.#cluster.settings
    const retryBackoff = backoffAfter(error, this.#cluster.settings.retryBackoff)
    queue.failures += 1
    queue.retryAt = this.#now() + backoffMs(retryBackoff, queue.failures, platform.random)
    this.#wakeUp.at(queue.retryAt)
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
        this.wake()
      })
  }

  /** Whether the partition has an identity that it can go on with. */
  #renewIdentity(queue: PartitionQueue): boolean {
    if (queue.inFlight > 0 || this.#identity === undefined) return false
    if (queue.identity === this.#identity) {
      this.#getIdentity()
      return false
    }
    queue.renew(this.#identity, this.#cluster.settings.platform.crc32c)
    return true
  }

  #getIdentity(): void {
    if (this.#isGettingIdentity) return
    this.#isGettingIdentity = true
    requestIdentity(this.#cluster, this.#settings.deliveryTimeoutMs)
      .then(
        identity => {
          this.#identity = identity
        },
        (error: unknown) => this.#noIdentity(asError(error)),
      )
      .finally(() => {
        this.#isGettingIdentity = false
        this.wake()
      })
  }

  #noIdentity(error: Error): void {
    if (this.#isClosed || isRetriable(error)) return
    for (const queue of this.#active) {
      for (const batch of queue.batches())
        if (!batch.isInFlight) this.#outcomes.giveUp({ queue, batch }, error)
      // With nothing left to send there is nothing to ask for an identity for, again and again.
      if (queue.isEmpty) this.#active.delete(queue)
    }
  }

  #watchDeadlines(): void {
    if (this.#expiry !== undefined || this.#isClosed) return
    const earliest = this.accumulator.earliestDeadline()
    const waitMs =
      earliest === Number.POSITIVE_INFINITY
        ? this.#settings.deliveryTimeoutMs
        : earliest - this.#now()
    this.#expiry = this.#cluster.settings.platform.clock.after(Math.max(1, waitMs), () => {
      this.#expiry = undefined
      this.#expire()
      if (this.accumulator.earliestDeadline() < Number.POSITIVE_INFINITY) this.#watchDeadlines()
    })
  }

  #expire(): void {
    const now = this.#now()
    this.accumulator.expireWaiting(now)
    for (const queue of this.#active) {
      for (const batch of queue.batches()) {
        if (batch.deadline <= now) this.#outcomes.expired({ queue, batch })
      }
    }
    this.#flushes.settle()
  }
}
