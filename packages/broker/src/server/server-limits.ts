/** The named limits of the server: those that are settings, and those that are fixed. */
import type { BrokerSettings } from '../config/broker-settings.ts'
import { ConnectionsByAddress } from './connections-by-address.ts'

export interface ServerLimits {
  /** `socket.request.max.bytes`. */
  readonly frameBytesMax: number
  /** `connections.max.idle.ms`; infinite when the setting is not positive. */
  readonly idleMs: number
  /** `max.connections`. */
  readonly connectionsMax: number
  /** `max.connections.per.ip`, or what `max.connections.per.ip.overrides` says for this address. */
  readonly connectionsPerAddressMax: (address: string) => number
  /** `connection.inflight.max.requests`: requests of one connection that may wait for their answers; reading stops at it. */
  readonly requestsPerConnectionMax: number
  /** `connection.inflight.max.bytes`: bytes of one connection's waiting requests and unsent answers; reading stops at it. */
  readonly bytesPerConnectionMax: number
  /** `broker.inflight.max.bytes`: the same over all connections. */
  readonly bytesMax: number
  /** `request.read.timeout.ms`: a started frame is complete after this, plus what its size takes at the slowest rate. */
  readonly readDeadlineMs: number
}

/** Reads the limits that are settings. */
export function serverLimitsOf(settings: BrokerSettings): ServerLimits {
  const idleMs = settings.int('connections.max.idle.ms')
  const overrides = new ConnectionsByAddress()
  return {
    frameBytesMax: settings.int('socket.request.max.bytes'),
    idleMs: idleMs > 0 ? idleMs : Number.POSITIVE_INFINITY,
    // Read anew for each connection: these may be changed at run time.
    get connectionsMax() {
      return settings.int('max.connections')
    },
    connectionsPerAddressMax: address =>
      overrides.of(address, settings.text('max.connections.per.ip.overrides') ?? '') ??
      settings.int('max.connections.per.ip'),
    requestsPerConnectionMax: settings.int('connection.inflight.max.requests'),
    bytesPerConnectionMax: settings.int('connection.inflight.max.bytes'),
    bytesMax: settings.int('broker.inflight.max.bytes'),
    readDeadlineMs: settings.int('request.read.timeout.ms'),
  }
}

/** A client must take its answers within this time, plus what their size takes at the slowest rate. */
export const SEND_DEADLINE_MS = 60_000
/** A link slower than this is not served. */
export const SLOWEST_BYTES_PER_SECOND = 64 * 1024
/** What a connection that is being closed gets to take its last answers. */
export const CLOSE_DEADLINE_MS = 10_000
/** How often deadlines of connections are looked at: they are this coarse, and no connection has a timer of its own. */
export const SWEEP_MS = 1000
/** The shortest request: api key, version, correlation id. */
export const FRAME_BYTES_MIN = 8
/** Peers whose last complaint is remembered, so that it is logged once per minute. */
export const NOTED_PEERS_MAX = 1000
export const NOTE_INTERVAL_MS = 60_000
/** Free buffers that wait for the next frame that comes in pieces. */
export const FRAME_MEMORY_KEPT_BYTES = 8 * 1024 * 1024
