import type { Log, LogFields } from '../../packages/client/src/log.ts'
import {
  type ClientSettings,
  clientSettings,
  type VarveOptions,
} from '../../packages/client/src/settings.ts'
import type { FakeCluster } from './fake-broker.ts'

/** What a client reported in a test. */
export interface RecordedLine {
  readonly level: string
  readonly message: string
  readonly fields: LogFields | undefined
}

/** A log that keeps its lines. */
export function recordingLog(): { readonly log: Log; readonly lines: RecordedLine[] } {
  const lines: RecordedLine[] = []
  const at = (level: string) => (message: string, fields?: LogFields) => {
    lines.push({ level, message, fields })
  }
  return {
    lines,
    log: { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') },
  }
}

/** Settings of a client of a fake cluster. */
export function settingsFor(
  cluster: FakeCluster,
  options: Partial<VarveOptions> & { readonly log?: Log } = {},
): ClientSettings {
  const { log } = recordingLog()
  return clientSettings(
    { brokers: cluster.addresses, ...options },
    { platform: cluster.platform, log },
  )
}

/** A promise whose outcome can be looked at. */
export interface Watched<T> {
  readonly promise: Promise<T>
  readonly state: () => 'pending' | 'resolved' | 'rejected'
  readonly value: () => T
  readonly error: () => Error & { readonly code?: string }
}

/** Watches a promise, so that a rejection is not unhandled while a test moves time on. */
export function watch<T>(promise: Promise<T>): Watched<T> {
  let state: 'pending' | 'resolved' | 'rejected' = 'pending'
  let outcome: unknown
  promise.then(
    value => {
      state = 'resolved'
      outcome = value
    },
    (error: unknown) => {
      state = 'rejected'
      outcome = error
    },
  )
  const when = (wanted: typeof state) => {
    if (state !== wanted)
      throw new Error(`the promise is ${state}, not ${wanted}: ${String(outcome)}`)
    return outcome
  }
  return {
    promise,
    state: () => state,
    value: () => when('resolved') as T,
    error: () => when('rejected') as Error,
  }
}
