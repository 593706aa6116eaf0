/** What the load generator for other brokers is told to do, and in whose language. */
import { natsProtocol } from './nats-protocol.ts'
import type { PeerProtocol, StreamAt } from './peer-protocol.ts'
import type { Protocol } from './peer-server.ts'
import { rabbitProtocol } from './rabbit-protocol.ts'
import { redisProtocol } from './redis-protocol.ts'

export type PeerLoad = PublishLoad | ReadLoad | SteadyLoad

interface LoadAt extends StreamAt {
  readonly protocol: Protocol
}

export interface PublishLoad extends LoadAt {
  readonly type: 'publish'
  readonly recordBytes: number
  readonly recordsPerFrame: number
  /** Frames. */
  readonly inFlight: number
  readonly forMs: number
}

/** From the first record on, until so many came. */
export interface ReadLoad extends LoadAt {
  readonly type: 'read'
  readonly records: number
}

export interface SteadyLoad extends LoadAt {
  readonly type: 'steady'
  readonly recordBytes: number
  readonly perSecond: number
  readonly forMs: number
  readonly warmUpMs: number
}

export function protocolOf(protocol: Protocol): PeerProtocol {
  switch (protocol) {
    case 'nats':
      return natsProtocol
    case 'redis':
      return redisProtocol
    case 'rabbitmq':
      return rabbitProtocol
  }
}
