import type { BrokerEndpoint, Endpoints } from '../handlers/broker-parts.ts'
import type { ConnectionInfo } from '../handlers/handler.ts'
import type { BrokerImage } from '../metadata/image.ts'
import type { MetadataStore } from '../metadata/store.ts'

export interface EndpointsParts {
  readonly brokerId: number
  readonly rack: string | null
  readonly metadata: MetadataStore
  /** What this broker tells the clients of each listener; undefined: the local address of their own connection. */
  readonly advertised: ReadonlyMap<
    string,
    { readonly host: string; readonly port: number } | undefined
  >
}

/** Where clients find brokers, as seen from the listener that they came through. */
export class ListenerEndpoints implements Endpoints {
  readonly #parts: EndpointsParts

  constructor(parts: EndpointsParts) {
    this.#parts = parts
  }

  of(brokerId: number, connection: ConnectionInfo): BrokerEndpoint | undefined {
    if (brokerId === this.#parts.brokerId) return this.#own(connection)
    const broker = this.#parts.metadata.image.brokers.get(brokerId)
    return broker === undefined ? undefined : registered(broker, connection)
  }

  all(connection: ConnectionInfo): readonly BrokerEndpoint[] {
    const endpoints = [this.#own(connection)]
    for (const broker of this.#parts.metadata.image.brokers.values()) {
      if (broker.brokerId === this.#parts.brokerId) continue
      const endpoint = registered(broker, connection)
      if (endpoint !== undefined) endpoints.push(endpoint)
    }
    return endpoints.sort((one, other) => one.brokerId - other.brokerId)
  }

  /** A client that reached this broker through a container's port or a tunnel on the same host can reach it again only if it is told nothing else. */
  #own(connection: ConnectionInfo): BrokerEndpoint {
    const { brokerId, rack, advertised } = this.#parts
    const told = advertised.get(connection.listener)
    return {
      brokerId,
      host: told?.host ?? connection.localAddress,
      port: told?.port ?? connection.localPort,
      rack,
    }
  }
}

function registered(broker: BrokerImage, connection: ConnectionInfo): BrokerEndpoint | undefined {
  const endPoint = broker.endPoints.find(({ name }) => name === connection.listener)
  if (endPoint === undefined) return undefined
  return { brokerId: broker.brokerId, host: endPoint.host, port: endPoint.port, rack: broker.rack }
}
