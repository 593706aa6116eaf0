/** The parts of a broker that handlers may ask. `broker.ts` builds them; handlers hold none of them. */
import type { BrokerSettings } from '../config/broker-settings.ts'
import type { GroupChange } from '../coordinator/group/change.ts'
import type { GroupEvent } from '../coordinator/group/event.ts'
import type { GroupRules } from '../coordinator/group/group-rules.ts'
import type { GroupShardState } from '../coordinator/group/state.ts'
import type { MarkerTargets } from '../coordinator/markers.ts'
import type { CoordinatorRuntime } from '../coordinator/runtime/coordinator-runtime.ts'
import type { TransactionCoordinator } from '../coordinator/transaction/transaction-logic.ts'
import type { TransactionVerifier } from '../coordinator/transaction-verifier.ts'
import type { MetadataStore } from '../metadata/store.ts'
import type { FetchSessions } from '../purgatory/fetch-sessions.ts'
import type { Purgatory } from '../purgatory/purgatory.ts'
import type { PartitionDirectory } from '../replication/partition-directory.ts'
import type { World } from '../world.ts'
import type { ConnectionInfo } from './handler.ts'

export interface BrokerParts {
  readonly world: World
  readonly settings: BrokerSettings
  readonly brokerId: number
  readonly clusterId: string
  /** The data folder: an absolute path, whatever `log.dirs` says. */
  readonly dataDirectory: string
  readonly metadata: MetadataStore
  readonly partitions: PartitionDirectory
  readonly producerIds: ProducerIds
  readonly fetchSessions: FetchSessions
  readonly purgatory: Purgatory
  readonly endpoints: Endpoints
  readonly groups: GroupCoordinator
  readonly transactions: TransactionCoordinator
  /** Where the markers that end transactions are written. */
  readonly markers: MarkerTargets
  /** Asks a transaction's coordinator what is in it. */
  readonly verifier: TransactionVerifier
  /** The ranges that ApiVersions advertises, derived from the handler list by the router. */
  readonly apiRanges: readonly ApiRange[]
}

/** Groups and committed offsets. */
export type GroupCoordinator = CoordinatorRuntime<
  GroupShardState,
  GroupChange,
  GroupEvent,
  GroupRules
>

export interface ApiRange {
  readonly apiKey: number
  readonly minVersion: number
  readonly maxVersion: number
}

/** Producer ids, taken from blocks that the metadata log hands out. */
export interface ProducerIds {
  next(): number | Promise<number>
}

/** Where clients reach brokers. Without `advertised.listeners` this broker's address is the one that the asking connection itself used. */
export interface Endpoints {
  /** The endpoint of one broker for the listener of the asking connection; undefined when it is not registered or has no such listener. */
  of(brokerId: number, connection: ConnectionInfo): BrokerEndpoint | undefined
  /** Every live broker with an endpoint for the listener of the asking connection. */
  all(connection: ConnectionInfo): readonly BrokerEndpoint[]
}

export interface BrokerEndpoint {
  readonly brokerId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}
