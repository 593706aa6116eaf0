export interface ProducerLimits {
  readonly idsMax: number
  readonly expirationMs: number
  readonly sweepIntervalMs: number
}

/**
 * How many producer ids the logs of a broker remember together, and when one has been idle for too long. Idle time is
 * counted in sweeps, which a timer starts, so that an append reads no clock and a jump of the wall clock expires nobody.
 */
export class ProducerQuota {
  readonly #limits: ProducerLimits
  #count = 0
  #sweep = 0

  /** What the limits say is read anew each time. */
  constructor(limits: ProducerLimits) {
    this.#limits = limits
  }

  get count(): number {
    return this.#count
  }

  /** The number of the current sweep. */
  get sweep(): number {
    return this.#sweep
  }

  hasRoom(): boolean {
    return this.#count < this.#limits.idsMax
  }

  added(count: number): void {
    this.#count += count
  }

  removed(count: number): void {
    this.#count -= count
  }

  nextSweep(): void {
    this.#sweep++
  }

  /** Whether something last used in `sweep` was idle for the whole expiration time. */
  isExpired(sweep: number): boolean {
    const { expirationMs, sweepIntervalMs } = this.#limits
    return this.#sweep - sweep > Math.max(1, Math.ceil(expirationMs / sweepIntervalMs))
  }
}
