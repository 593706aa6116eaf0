import { ProtocolError } from '../errors.ts'

/** The versions of each API that one broker speaks, as it said on this connection. */
export type BrokerVersions = ReadonlyMap<number, VersionRange>

export interface VersionRange {
  readonly min: number
  readonly max: number
}

/** What an API's table says of the versions that we speak. */
interface SpokenApi {
  readonly key: number
  readonly name: string
  readonly versions: readonly [number, number]
}

/** The newest version that both sides speak, not above `newest`. Throws UNSUPPORTED_VERSION when there is none. */
export function commonVersion(
  api: SpokenApi,
  broker: BrokerVersions,
  newest: number = api.versions[1],
): number {
  const offered = broker.get(api.key)
  if (offered === undefined) {
    throw new ProtocolError('UNSUPPORTED_VERSION', `the broker does not offer ${api.name}`)
  }
  const version = Math.min(api.versions[1], offered.max, newest)
  if (version >= api.versions[0] && version >= offered.min) return version
  throw new ProtocolError(
    'UNSUPPORTED_VERSION',
    `the broker speaks ${api.name} ${offered.min} to ${offered.max}, this client ${api.versions[0]} to ` +
      `${Math.min(newest, api.versions[1])}`,
  )
}
