import { ProtocolError } from './errors.ts'
import type { Platform } from './platform.ts'
import type { BackoffSettings } from './settings.ts'

/**
 * How long to wait before the attempt after `failures` failed ones: doubling up to the maximum, and a fifth up or down by
 * chance so that many clients do not come back in the same instant.
 */
export function backoffMs(
  settings: BackoffSettings,
  failures: number,
  random: Platform['random'],
): number {
  const full = Math.min(settings.maxMs, settings.firstMs * 2 ** Math.min(failures - 1, 20))
  return Math.max(1, Math.round((full * (800 + random.below(401))) / 1000))
}

/** The end of a transaction mostly takes milliseconds, so whoever comes too early for the next one asks again soon. */
const FIRST_AFTER_TRANSACTION_MS = 20

/** The waits before the same is asked again after this failure. */
export function backoffAfter(error: Error | undefined, settings: BackoffSettings): BackoffSettings {
  if (!(error instanceof ProtocolError) || error.error !== 'CONCURRENT_TRANSACTIONS')
    return settings
  return { ...settings, firstMs: Math.min(FIRST_AFTER_TRANSACTION_MS, settings.firstMs) }
}

/** Resolves after `delayMs`; rejects with the signal's reason when that comes first. */
export function sleep(platform: Platform, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error)
      return
    }
    const abort = () => {
      timer.cancel()
      reject(signal?.reason as Error)
    }
    const timer = platform.clock.after(delayMs, () => {
      signal?.removeEventListener('abort', abort)
      resolve()
    })
    signal?.addEventListener('abort', abort, { once: true })
  })
}
