import type { Log } from './log.ts'
import { badOption, integerOption, refuseUnknownOptions } from './options.ts'
import type { Address, Platform } from './platform.ts'

/** How to reach a cluster: shared by its producers, consumers and admins. */
export interface VarveOptions {
  /** Where to begin, as `host:port`; one reachable broker is enough, the others are learnt from it. */
  readonly brokers: readonly string[]
  /** Names this program in the broker's logs and quotas. Default: `varve`. */
  readonly clientId?: string
  /** How long a broker may take to answer one request. Default: 30000. */
  readonly requestTimeoutMs?: number
  /** How long connecting may take, the exchange of versions included. Default: 10000. */
  readonly connectionTimeoutMs?: number
  /** How long one call may take in all, retries included. Default: 60000. */
  readonly apiTimeoutMs?: number
  /** The wait before the first retry; it doubles with each further one. Default: 100. */
  readonly retryBackoffMs?: number
  /** The longest wait between two retries. Default: 1000. */
  readonly retryBackoffMaxMs?: number
  /** The wait before connecting again to a broker that refused; it doubles. Default: 50. */
  readonly reconnectBackoffMs?: number
  /** The longest wait between two connection attempts. Default: 1000. */
  readonly reconnectBackoffMaxMs?: number
  /** After this time, what is known of topics and leaders is asked for again. Default: 300000. */
  readonly metadataMaxAgeMs?: number
  /** A response that claims to be larger ends its connection. Default: 268435456. */
  readonly maxResponseBytes?: number
  /** Where to report what was coped with. Default: warnings and errors on standard error. */
  readonly log?: Log
}

/** The checked options, with the machine. */
export interface ClientSettings {
  readonly brokers: readonly Address[]
  readonly clientId: string
  readonly requestTimeoutMs: number
  readonly connectionTimeoutMs: number
  readonly apiTimeoutMs: number
  readonly retryBackoff: BackoffSettings
  readonly reconnectBackoff: BackoffSettings
  readonly metadataMaxAgeMs: number
  readonly maxResponseBytes: number
  readonly log: Log
  readonly platform: Platform
}

export interface BackoffSettings {
  readonly firstMs: number
  readonly maxMs: number
}

const KNOWN_OPTIONS = [
  'brokers',
  'clientId',
  'requestTimeoutMs',
  'connectionTimeoutMs',
  'apiTimeoutMs',
  'retryBackoffMs',
  'retryBackoffMaxMs',
  'reconnectBackoffMs',
  'reconnectBackoffMaxMs',
  'metadataMaxAgeMs',
  'maxResponseBytes',
  'log',
] as const satisfies readonly (keyof VarveOptions)[]

/** Checks the options and completes them. */
export function clientSettings(
  options: VarveOptions,
  machine: { readonly platform: Platform; readonly log: Log },
): ClientSettings {
  refuseUnknownOptions({ of: 'Varve', options, known: KNOWN_OPTIONS })
  const time = (name: keyof VarveOptions, fallback: number) =>
    integerOption({
      name,
      value: options[name] as number | undefined,
      fallback,
      min: 1,
      max: 2 ** 31 - 1,
    })
  return {
    brokers: brokerAddresses(options.brokers),
    clientId: options.clientId ?? 'varve',
    requestTimeoutMs: time('requestTimeoutMs', 30_000),
    connectionTimeoutMs: time('connectionTimeoutMs', 10_000),
    apiTimeoutMs: time('apiTimeoutMs', 60_000),
    retryBackoff: {
      firstMs: time('retryBackoffMs', 100),
      maxMs: time('retryBackoffMaxMs', 1000),
    },
    reconnectBackoff: {
      firstMs: time('reconnectBackoffMs', 50),
      maxMs: time('reconnectBackoffMaxMs', 1000),
    },
    metadataMaxAgeMs: time('metadataMaxAgeMs', 300_000),
    maxResponseBytes: integerOption({
      name: 'maxResponseBytes',
      value: options.maxResponseBytes,
      fallback: 256 * 1024 * 1024,
      min: 1024,
      max: 2 ** 31 - 1,
    }),
    log: options.log ?? machine.log,
    platform: machine.platform,
  }
}

function brokerAddresses(brokers: readonly string[]): readonly Address[] {
  if (!Array.isArray(brokers) || brokers.length === 0) {
    throw badOption({
      name: 'brokers',
      value: brokers,
      expected: "a list such as ['localhost:9092']",
    })
  }
  return brokers.map(brokerAddress)
}

/** `host:port` or `[IPv6]:port`, with or without the scheme that Kafka's listeners carry. */
function brokerAddress(broker: string): Address {
  const match = /^(?:PLAINTEXT:\/\/)?(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(
    broker,
  )
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || !(port > 0 && port < 65_536)) {
    throw badOption({ name: 'brokers', value: broker, expected: 'host:port' })
  }
  return { host, port }
}
