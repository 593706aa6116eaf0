import type { Clock, Timer } from '../world.ts'

/** How long nothing is tried after a try in vain. */
const PAUSE_MS = 500

/** Tries once more, and adds itself again if that was in vain. Rejects for a bug alone. */
export type Retry = () => Promise<void>

/**
 * The partitions that are offline for a reason that passes by itself: no room on the disk, no free file handle. They are tried in turn, until one
 * fails again: so would the others.
 */
export class OfflineRetries {
  readonly #clock: Clock
  readonly #onBug: (error: Error) => void
  /** The longest waiting first. */
  readonly #waiting = new Map<string, Retry>()
  #timer: Timer | undefined
  /** The one that is being tried. */
  #trying: string | undefined
  #isClosed = false

  constructor(clock: Clock, onBug: (error: Error) => void) {
    this.#clock = clock
    this.#onBug = onBug
  }

  /** Says whether that is news: not when a try was in vain. */
  add(key: string, retry: Retry): 'new' | 'known' {
    const isKnown = this.#trying === key
    this.#waiting.set(key, retry)
    this.#schedule()
    return isKnown ? 'known' : 'new'
  }

  /** The partition is gone. */
  forget(key: string): void {
    this.#waiting.delete(key)
  }

  /** Tries nothing any more. What is being tried goes on. */
  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
  }

  #schedule(): void {
    if (this.#isClosed || this.#trying !== undefined) return
    this.#timer ??= this.#clock.after(PAUSE_MS, () => {
      this.#timer = undefined
      this.#tryAll().catch(this.#onBug)
    })
  }

  async #tryAll(): Promise<void> {
    while (!this.#isClosed) {
      const [next] = this.#waiting
      if (next === undefined) return
      const [key, retry] = next
      this.#waiting.delete(key)
      this.#trying = key
      await retry().finally(() => {
        this.#trying = undefined
      })
      if (this.#waiting.has(key)) return this.#schedule()
    }
  }
}
