/**
 * Proof that the coordinator of a producer's transaction was asked about this partition, and that nothing has ended the transaction here
 * since. An object of its own: it is compared by identity.
 */
export interface Verification {
  readonly producerId: number
  readonly producerEpoch: number
  /** `add`: of transactions v2, whose first batch in a partition that knows nothing of the producer has sequence 0. */
  readonly mode: 'verify' | 'add'
}

interface Entry {
  readonly verification: Verification
  lowestSequence: number
  sweep: number
}

/** Who wants to begin a transaction in a log, and has asked or is asking whether they may (T7, KIP-890; KAFKA-14884). */
export class Verifications {
  readonly #entries = new Map<number, Entry>()
  /** Batches that wait for the coordinator's word under a proof, in the order in which they came. */
  readonly #waiting = new Map<Verification, (() => void)[]>()

  get size(): number {
    return this.#entries.size
  }

  /** Before the coordinator is asked. Requests that come while one is in flight share its proof. `sequence` is that of the batch, -1 for none. */
  begin(wanted: Verification, sequence: number, sweep: number): Verification {
    const { producerId, producerEpoch, mode } = wanted
    const known = this.#entries.get(producerId)
    if (known?.verification.producerEpoch === producerEpoch && known.verification.mode === mode) {
      known.lowestSequence = Math.min(known.lowestSequence, sequence)
      known.sweep = sweep
      return known.verification
    }
    // An epoch that is past gets a proof that proves nothing: the newer one keeps its own.
    if (known !== undefined && known.verification.producerEpoch > producerEpoch) return wanted
    this.#entries.set(producerId, { verification: wanted, lowestSequence: sequence, sweep })
    return wanted
  }

  /** Whether nothing has come between: no marker, no newer epoch. */
  isValid(verification: Verification): boolean {
    return this.#entries.get(verification.producerId)?.verification === verification
  }

  /** The lowest sequence that asked under this proof: a later one must not be the first in the log. */
  lowestSequenceOf(verification: Verification): number {
    return this.#entries.get(verification.producerId)?.lowestSequence ?? -1
  }

  /** Calls `admitted` when the coordinator has agreed for this batch, or for one before it under the same proof. */
  wait(verification: Verification, admitted: () => void): void {
    const waiting = this.#waiting.get(verification)
    if (waiting === undefined) this.#waiting.set(verification, [admitted])
    else waiting.push(admitted)
  }

  /**
   * The coordinator has agreed: all that wait may be appended, in their order. None may wait for an answer of its own any longer, because from
   * now on those that come later need not wait at all.
   */
  admit(verification: Verification): void {
    const waiting = this.#waiting.get(verification) ?? []
    this.#waiting.delete(verification)
    for (const admitted of waiting) admitted()
  }

  /** The coordinator has refused this batch; false when one before it had it admitted. */
  giveUp(verification: Verification, admitted: () => void): boolean {
    const waiting = this.#waiting.get(verification) ?? []
    const place = waiting.indexOf(admitted)
    if (place < 0) return false
    waiting.splice(place, 1)
    if (waiting.length === 0) this.#waiting.delete(verification)
    return true
  }

  /** The coordinator has said no, for good: this proof is not good any more. One of a newer epoch, which is asked about itself, stays. */
  refuse(verification: Verification): void {
    if (this.isValid(verification)) this.#entries.delete(verification.producerId)
  }

  /** The transaction has begun in the log, or has ended: no proof that was given out is good any more. */
  end(producerId: number): void {
    this.#entries.delete(producerId)
  }

  /** Forgets those who have never come back. */
  expire(isExpired: (sweep: number) => boolean): void {
    for (const [producerId, { sweep }] of this.#entries)
      if (isExpired(sweep)) this.#entries.delete(producerId)
  }

  clear(): void {
    this.#entries.clear()
  }
}
