import type { CallOptions } from '../cluster/ask.ts'
import { integerOption, refuseUnknownOptions } from '../options.ts'

/** How an admin works. */
export interface AdminOptions {
  /** How long one call may take in all, retries included. Default: the client's `apiTimeoutMs`. */
  readonly timeoutMs?: number
}

/** How one call works that can be tried without effect. */
export interface ChangeOptions extends CallOptions {
  /** Only check whether it would work. Default: false. */
  readonly validateOnly?: boolean
}

/** Checks the options and completes them. */
export function adminTimeoutMs(options: AdminOptions, fallback: number): number {
  refuseUnknownOptions({ of: 'admin', options, known: ['timeoutMs'] })
  const { timeoutMs } = options
  return integerOption({ name: 'timeoutMs', value: timeoutMs, fallback, min: 1, max: 2 ** 31 - 1 })
}
