import { addToSequence, type Crc32c } from '@varve/protocol'
import { type BatchStamp, NO_STAMP, type ProducerBatch } from './batch.ts'

/** Who the cluster knows this producer as; -1 and -1 without idempotence. */
export interface ProducerIdentity {
  readonly producerId: number
  readonly producerEpoch: number
}

/**
 * - `sending`: everything that was sent is under way or acknowledged; new batches may follow.
 * - `draining`: a batch has to be sent again; nothing is sent until the answers to all that is under way are in.
 * - `resending`: nothing was under way when it began; batches are sent again from the lowest sequence on.
 */
type Phase = 'sending' | 'draining' | 'resending'

/**
 * The batches of one partition, in the order in which the partition must get them. Invariants: `unresolved` holds what was
 * sent and is neither acknowledged nor given up, by rising sequence; a new batch is only sent in phase `sending`; so what
 * was sent first is always resolved first, whatever had to be repeated.
 */
export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  /** Takes records. */
  open: ProducerBatch | undefined
  /** Full, not yet sent. */
  readonly ready: ProducerBatch[] = []
  readonly unresolved: ProducerBatch[] = []
  /**
   * The first of `unresolved` and what was sent after it, acknowledged or not. A leader knows the last five batches of a producer and no more: were the
   * sixth sent, it would not know the first again when that is repeated.
   */
  #window: ProducerBatch[] = []
  /** The broker that the batches under way went to: no other gets any before they are answered. */
  brokerId = -1
  /** Not to be sent to before this, on the monotonic clock. */
  retryAt = 0
  /** Failed attempts in a row. */
  failures = 0
  /** Set when the broker's memory of our sequence is lost or spoilt: what follows goes out under a new identity. */
  needsNewIdentity = false
  #identity: ProducerIdentity | undefined
  #nextSequence = 0
  /** Whether the broker has acknowledged anything under this identity. */
  #isEstablished = false
  #phase: Phase = 'sending'
  #inFlight = 0

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get isEmpty(): boolean {
    return this.open === undefined && this.ready.length === 0 && this.unresolved.length === 0
  }

  get identity(): ProducerIdentity | undefined {
    return this.#identity
  }

  /** All batches, first to be sent first. */
  batches(): readonly ProducerBatch[] {
    const waiting = [...this.unresolved, ...this.ready]
    if (this.open !== undefined) waiting.push(this.open)
    return waiting
  }

  /** Closes the open batch: it grows no more and is sent in its turn. */
  close(): void {
    if (this.open === undefined) return
    this.ready.push(this.open)
    this.open = undefined
  }

  /** The batch to send next, if one may be sent now; the open one only when `isDue` says that it waited long enough. */
  next(maxInFlight: number, isDue: (batch: ProducerBatch) => boolean): ProducerBatch | undefined {
    // A leader that knows nothing of a producer takes any sequence, so it could take the second batch when it refused the
    // first: until the first one is acknowledged, it goes alone.
    const isAlone = this.#identity !== undefined && !this.#isEstablished
    if (isAlone && this.#inFlight > 0) return undefined
    if (this.#phase === 'draining') {
      if (this.#inFlight > 0) return undefined
      this.#phase = 'resending'
    }
    if (this.#phase === 'resending') {
      const again = this.unresolved.find(batch => !batch.isInFlight)
      if (again !== undefined) return this.#window.indexOf(again) < maxInFlight ? again : undefined
      this.#phase = 'sending'
    }
    if (this.#window.length >= maxInFlight) return undefined
    if (this.ready.length > 0) return this.ready[0]
    return this.open !== undefined && isDue(this.open) ? this.open : undefined
  }

  /** The place in the sequence that a new batch gets. */
  stampFor(batch: ProducerBatch, identity: ProducerIdentity | undefined): BatchStamp {
    if (identity === undefined) return NO_STAMP
    if (this.#identity === undefined || this.needsNewIdentity) this.#begin(identity)
    const stamp = { ...(this.#identity as ProducerIdentity), baseSequence: this.#nextSequence }
    this.#nextSequence = addToSequence(this.#nextSequence, batch.recordsCount)
    return stamp
  }

  /** In transactions all partitions go by the producer's identity of the moment: what is new begins a sequence. */
  follow(identity: ProducerIdentity): void {
    if (this.#identity !== identity) this.#begin(identity)
  }

  /** Notes that a batch goes out now. */
  sent(batch: ProducerBatch): void {
    if (batch === this.open) this.open = undefined
    else if (batch === this.ready[0]) this.ready.shift()
    if (!this.unresolved.includes(batch)) {
      this.unresolved.push(batch)
      this.#window.push(batch)
    }
    batch.isInFlight = true
    batch.attempts += 1
    this.#inFlight += 1
  }

  /** Notes that the attempt of a batch is over, whatever came of it. */
  answered(batch: ProducerBatch): void {
    batch.isInFlight = false
    this.#inFlight -= 1
  }

  /** The broker has the batch. */
  acknowledged(batch: ProducerBatch): void {
    this.failures = 0
    this.#isEstablished = true
    this.resolve(batch)
  }

  /** The batch is acknowledged or given up. */
  resolve(batch: ProducerBatch): void {
    remove(this.unresolved, batch)
    remove(this.ready, batch)
    const [first] = this.unresolved
    this.#window = first === undefined ? [] : this.#window.slice(this.#window.indexOf(first))
    if (this.open === batch) this.open = undefined
  }

  /** The batch has to go out again, and before anything newer. */
  retry(): void {
    this.#phase = 'draining'
  }

  /** Puts several batches in the place, and in the stretch of the sequence, of one that was sent. */
  replace(batch: ProducerBatch, parts: readonly ProducerBatch[]): void {
    this.unresolved.splice(this.unresolved.indexOf(batch), 1, ...parts)
    this.#window.splice(this.#window.indexOf(batch), 1, ...parts)
    this.#phase = 'draining'
  }

  /** Whether no batch that was sent before this one is still without a result: then a gap in the sequence is real. */
  isFirstUnresolved(batch: ProducerBatch): boolean {
    return this.unresolved[0] === batch
  }

  /** Takes a sequence number back: the broker refused the batch at the door and nothing was sent after it. */
  rewind(batch: ProducerBatch): void {
    this.#nextSequence = batch.stamp.baseSequence
  }

  /** Starts a new sequence under a new identity with what is unresolved, none of which the log can hold. */
  renew(identity: ProducerIdentity, crc32c: Crc32c): void {
    this.#begin(identity)
    for (const batch of this.unresolved) batch.restamp(this.stampFor(batch, identity), crc32c)
  }

  #begin(identity: ProducerIdentity): void {
    this.#identity = identity
    this.#nextSequence = 0
    this.#isEstablished = false
    this.needsNewIdentity = false
  }
}

function remove(batches: ProducerBatch[], batch: ProducerBatch): void {
  const index = batches.indexOf(batch)
  if (index >= 0) batches.splice(index, 1)
}
