import { ClosedError, TimeoutError } from '../errors.ts'
import type { Clock } from '../platform.ts'

interface Waiting {
  readonly start: () => void
  readonly fail: (error: Error) => void
}

/** Lets one at a time go on, in the order in which they came. */
export class Turns {
  readonly #clock: Clock
  readonly #waiting = new Set<Waiting>()
  #isTaken = false
  #closed: Error | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when it is the caller's turn, which ends with `end`. Rejects when it did not come within this time. */
  take(about: string, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed)
    if (signal?.aborted) return Promise.reject(signal.reason as Error)
    if (!this.#isTaken) {
      this.#isTaken = true
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const settled = () => {
        timer.cancel()
        signal?.removeEventListener('abort', abort)
        this.#waiting.delete(waiting)
      }
      const waiting: Waiting = {
        start: () => {
          settled()
          resolve()
        },
        fail: error => {
          settled()
          reject(error)
        },
      }
      const abort = () => waiting.fail(signal?.reason as Error)
      const timer = this.#clock.after(timeoutMs, () => waiting.fail(new TimeoutError(about)))
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiting.add(waiting)
    })
  }

  /** Whoever has waited longest is next. */
  end(): void {
    const [next] = this.#waiting
    if (next === undefined) this.#isTaken = false
    else next.start()
  }

  /** Nobody gets a turn any more. */
  close(reason: ClosedError): void {
    this.#closed = reason
    for (const waiting of this.#waiting) waiting.fail(reason)
  }
}
