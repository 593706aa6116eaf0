import type { Clock, Timer } from '../../world.ts'

/** After a read that took long, the disk belongs to others for so many times as long. */
const LEFT_TO_OTHERS = 4
/** Shorter pauses cost more than they even out. */
const PAUSE_MS_MIN = 20
/** A timer that is later says that the event loop has much to do. */
const LATE_MS = 50
/** How long is waited then, before it is looked at again. */
const BUSY_MS = 1000

/** Keeps the scrubber behind everybody else: within its bandwidth, a fifth of the disk's time, and still while the event loop is busy. */
export class ScrubPace {
  readonly #clock: Clock
  readonly #bytesPerSecond: () => number
  #owedMs = 0
  #since = 0
  #isStopped = false
  #waiting: { readonly timer: Timer; readonly resolve: () => void } | undefined

  /** The bandwidth is asked for again and again: it may change. */
  constructor(clock: Clock, bytesPerSecond: () => number) {
    this.#clock = clock
    this.#bytesPerSecond = bytesPerSecond
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Ends every wait, at once. */
  stop(): void {
    this.#isStopped = true
    this.#waiting?.timer.cancel()
    this.#waiting?.resolve()
  }

  /** Something is read from now on. */
  begin(): void {
    this.#since = this.#clock.monotonic()
  }

  /** So many bytes were read since the last call: waits for as long as they ask for. */
  async spend(bytes: number): Promise<void> {
    const now = this.#clock.monotonic()
    const costMs = (bytes / this.#bytesPerSecond()) * 1000
    this.#owedMs += Math.max(costMs, (now - this.#since) * LEFT_TO_OTHERS)
    if (this.#owedMs >= PAUSE_MS_MIN) {
      let lateMs = await this.wait(this.#owedMs)
      while (lateMs > LATE_MS && !this.#isStopped) lateMs = await this.wait(BUSY_MS)
      this.#owedMs = 0
    }
    this.#since = this.#clock.monotonic()
  }

  /** Waits, and returns how much longer it took. */
  async wait(delayMs: number): Promise<number> {
    if (this.#isStopped) return 0
    const due = this.#clock.monotonic() + delayMs
    await new Promise<void>(resolve => {
      this.#waiting = { timer: this.#clock.after(delayMs, resolve), resolve }
    })
    this.#waiting = undefined
    this.begin()
    return this.#since - due
  }
}
