import { backoffAfter, backoffMs, sleep } from './backoff.ts'
import { asError, isRetriable, TimeoutError } from './errors.ts'
import type { ClientSettings } from './settings.ts'

export interface RetryOptions {
  /** What is being attempted, for the error: `creating topics`. */
  readonly about: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Calls `attempt` until it succeeds, fails for good, or the time is up; then the last failure is thrown, so that the reader
 * of the error learns what was wrong rather than only that it took too long.
 */
export async function retrying<T>(
  settings: ClientSettings,
  options: RetryOptions,
  attempt: (remainingMs: number) => Promise<T>,
): Promise<T> {
  const { clock, random } = settings.platform
  const deadline = clock.monotonic() + options.timeoutMs
  for (let failures = 1; ; failures += 1) {
    options.signal?.throwIfAborted()
    try {
      return await abortable(attempt(Math.max(1, deadline - clock.monotonic())), options.signal)
    } catch (error) {
      if (!isRetriable(error)) throw error
      const waitMs = backoffMs(
        backoffAfter(asError(error), settings.retryBackoff),
        failures,
        random,
      )
      if (clock.monotonic() + waitMs >= deadline) throw outOfTime(options, error)
      const level = failures % FAILURES_PER_WARNING === 0 ? 'warn' : 'debug'
      settings.log[level]('will try again', { about: options.about, failures, waitMs, error })
      await sleep(settings.platform, waitMs, options.signal)
    }
  }
}

/** Retries are silent at first, then one in so many is reported: about every ten seconds with the default back-off. */
const FAILURES_PER_WARNING = 10

function outOfTime(options: RetryOptions, error: unknown): Error {
  const cause = asError(error)
  return new TimeoutError(
    `${options.about} did not succeed within ${options.timeoutMs} ms: ${cause.message}`,
    { cause },
  )
}

/** `work`, or the signal's reason when that comes first. The work itself goes on: what it brings is dropped. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    const settled = () => signal.removeEventListener('abort', abort)
    work.then(
      value => {
        settled()
        resolve(value)
      },
      (error: unknown) => {
        settled()
        reject(asError(error))
      },
    )
  })
}
