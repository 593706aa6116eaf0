/** Where the broker listens and what it tells clients to connect to, from `listeners` and the settings around it. */
import type { BrokerSettings } from './broker-settings.ts'
import { ConfigError } from './config-error.ts'

/** One door of the broker. */
export interface ListenerSetting {
  readonly name: string
  /** Empty: all interfaces. */
  readonly host: string
  /** 0: a free port. */
  readonly port: number
  readonly securityProtocol: 'PLAINTEXT'
  /** What clients are told; undefined: the local address of their own connection. */
  readonly advertised: { readonly host: string; readonly port: number } | undefined
}

/** Where a broker listens that was not told anything. */
const STANDARD_LISTENER: ListenerSetting = {
  name: 'PLAINTEXT',
  host: '127.0.0.1',
  port: 9092,
  securityProtocol: 'PLAINTEXT',
  advertised: undefined,
}

/** The listeners for clients; those of Kafka's controllers are left out. Throws `ConfigError`. */
export function listenersOf(settings: BrokerSettings): readonly ListenerSetting[] {
  const advertised = addressesOf(settings, 'advertised.listeners')
  for (const { text, host } of advertised.values()) {
    if (host === '' || host === '0.0.0.0' || host === '::') {
      throw new ConfigError(
        `advertised.listeners has ${text}, an address that no client can connect to; expected a host name or an address of this machine.`,
      )
    }
  }
  const controllers = new Set(settings.list('controller.listener.names').map(upper))
  const addresses = settings.isGiven('listeners')
    ? [...addressesOf(settings, 'listeners').values()]
    : [{ ...STANDARD_LISTENER, text: '' }]
  const listeners = addresses
    .filter(({ name }) => !controllers.has(name))
    .map(({ name, host, port, text }): ListenerSetting => {
      const told = advertised.get(name)
      return {
        name,
        host,
        port,
        securityProtocol: plaintext(settings, name, text),
        advertised: told && { host: told.host, port: told.port },
      }
    })
  if (listeners.length === 0) {
    throw new ConfigError(
      'listeners has no listener for clients; expected one like PLAINTEXT://localhost:9092.',
    )
  }
  for (const { name, text } of advertised.values()) {
    if (listeners.some(listener => listener.name === name) || controllers.has(name)) continue
    throw new ConfigError(`advertised.listeners has ${text}, but listeners has no ${name}.`)
  }
  return listeners
}

interface Address {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly text: string
}

function addressesOf(
  settings: BrokerSettings,
  setting: 'listeners' | 'advertised.listeners',
): Map<string, Address> {
  const addresses = new Map<string, Address>()
  if (!settings.isGiven(setting)) return addresses
  for (const text of settings.list(setting)) {
    const match = /^([A-Za-z0-9_.-]+):\/\/(?:\[([0-9a-fA-F:.%]+)\]|([^:/[\]]*)):(\d{1,5})$/.exec(
      text,
    )
    const port = Number(match?.[4])
    if (match?.[1] === undefined || port > 65_535) {
      throw new ConfigError(`${setting} has ${text}; expected NAME://host:port.`)
    }
    const name = upper(match[1])
    if (addresses.has(name))
      throw new ConfigError(`${setting} names ${name} twice; each listener has its own name.`)
    addresses.set(name, { name, host: match[2] ?? match[3] ?? '', port, text })
  }
  return addresses
}

function plaintext(settings: BrokerSettings, name: string, text: string): 'PLAINTEXT' {
  const protocols = new Map(
    settings.list('listener.security.protocol.map').map(entry => {
      const [listener = '', protocol = ''] = entry.split(':')
      return [upper(listener), upper(protocol)]
    }),
  )
  const protocol = protocols.get(name)
  if (protocol === 'PLAINTEXT') return protocol
  if (protocol === undefined) {
    throw new ConfigError(
      `listeners has ${text}, but listener.security.protocol.map does not say which protocol ${name} speaks.`,
    )
  }
  if (!['SSL', 'SASL_PLAINTEXT', 'SASL_SSL'].includes(protocol)) {
    throw new ConfigError(
      `listener.security.protocol.map has ${name}:${protocol}; expected PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.`,
    )
  }
  throw new ConfigError(
    `listeners has ${text}, which speaks ${protocol}; this version of Varve has only PLAINTEXT listeners.`,
  )
}

function upper(text: string): string {
  return text.trim().toUpperCase()
}
