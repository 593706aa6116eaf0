import { backoffMs } from '../backoff.ts'
import type { Timer } from '../platform.ts'
import type { ClientSettings } from '../settings.ts'

export interface Beating {
  readonly client: ClientSettings
  /** After this long without an answer, the coordinator may have given our partitions to others. */
  readonly sessionTimeoutMs: number
  /** The wait until the next heartbeat. */
  readonly intervalMs: () => number
  /** Called before each heartbeat. */
  readonly onTick: (now: number) => void
  /** Sends a heartbeat; settled when the coordinator took it. */
  readonly beat: () => Promise<void>
  readonly onFailure: (error: unknown) => void
}

/** Sends heartbeats, one at a time, whatever else the consumer is doing. */
export class HeartbeatTimer {
  readonly #beating: Beating
  #timer: Timer | undefined
  #isRunning = false
  #isSending = false
  #sending: Promise<void> = Promise.resolve()
  #mustRepeat = false
  #failures = 0
  #contactAt = Number.POSITIVE_INFINITY

  constructor(beating: Beating) {
    this.#beating = beating
  }

  /** Heartbeats from now on; the coordinator has just been heard. */
  start(): void {
    this.#isRunning = true
    this.#failures = 0
    this.contact(this.#now())
    this.#schedule(this.#beating.intervalMs())
  }

  stop(): void {
    this.#isRunning = false
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** No session any more, so none that could be over. */
  end(): void {
    this.stop()
    this.#contactAt = Number.POSITIVE_INFINITY
  }

  /** The coordinator answered what was sent at this moment. */
  contact(sentAt: number): void {
    this.#contactAt = sentAt
  }

  /** The next heartbeat goes out now. */
  beatNow(): void {
    if (!this.#isRunning) return
    if (this.#isSending) this.#mustRepeat = true
    else this.#schedule(0)
  }

  /** Whether the coordinator has not been heard for the time of a session. */
  isSessionOver(now: number): boolean {
    return this.silentMs(now) >= this.#beating.sessionTimeoutMs
  }

  /** How long the coordinator has not been heard. */
  silentMs(now: number): number {
    return now - this.#contactAt
  }

  /** Settled when no heartbeat is under way. */
  get idle(): Promise<void> {
    return this.#sending
  }

  #schedule(delayMs: number): void {
    this.#timer?.cancel()
    this.#timer = this.#beating.client.platform.clock.after(delayMs, () => this.#tick())
  }

  #tick(): void {
    const sentAt = this.#now()
    this.#beating.onTick(sentAt)
    if (!this.#isRunning || this.#isSending) return
    this.#isSending = true
    this.#mustRepeat = false
    this.#sending = this.#beating
      .beat()
      .then(
        () => {
          this.#failures = 0
          if (this.#isRunning) this.contact(sentAt)
        },
        (error: unknown) => {
          this.#failures += 1
          this.#beating.onFailure(error)
        },
      )
      .finally(() => {
        this.#isSending = false
        if (this.#isRunning) this.#schedule(this.#delayMs())
      })
  }

  #delayMs(): number {
    if (this.#mustRepeat) return 0
    const intervalMs = this.#beating.intervalMs()
    if (this.#failures === 0) return intervalMs
    const { retryBackoff, platform } = this.#beating.client
    return Math.min(intervalMs, backoffMs(retryBackoff, this.#failures, platform.random))
  }

  #now(): number {
    return this.#beating.client.platform.clock.monotonic()
  }
}
