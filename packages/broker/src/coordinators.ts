/** The coordinators of a broker, put together: groups, transactions, and what they need of each other. */
import { crc32c, nodeCodecs } from '@varve/protocol'
import type { BrokerSettings } from './config/broker-settings.ts'
import type { GroupChange } from './coordinator/group/change.ts'
import type { GroupEvent } from './coordinator/group/event.ts'
import { groupLogic } from './coordinator/group/group-logic.ts'
import { type GroupRules, groupRulesOf } from './coordinator/group/group-rules.ts'
import {
  OFFSETS_TOPIC,
  offsetsCompression,
  offsetsTopic,
} from './coordinator/group/offsets-topic.ts'
import type { GroupShardState } from './coordinator/group/state.ts'
import { BrokerMarkers, type MarkerTargets } from './coordinator/markers.ts'
import { LogCoordinator } from './coordinator/runtime/log-coordinator.ts'
import { makeInternalTopic } from './coordinator/runtime/make-internal-topic.ts'
import { PatientClock } from './coordinator/runtime/patient-clock.ts'
import { TurnSlices } from './coordinator/runtime/turn-slices.ts'
import type { TransactionChange } from './coordinator/transaction/change.ts'
import { CoordinatorVerifier } from './coordinator/transaction/coordinator-verifier.ts'
import type { MarkerErrand } from './coordinator/transaction/errand.ts'
import type { TransactionEvent } from './coordinator/transaction/event.ts'
import { MarkerWriter } from './coordinator/transaction/marker-writer.ts'
import type { TransactionShardState } from './coordinator/transaction/state.ts'
import { transactionLogic } from './coordinator/transaction/transaction-logic.ts'
import {
  type TransactionRules,
  transactionRulesOf,
} from './coordinator/transaction/transaction-rules.ts'
import {
  TRANSACTIONS_TOPIC,
  transactionsTopic,
} from './coordinator/transaction/transactions-topic.ts'
import type { TransactionVerifier } from './coordinator/transaction-verifier.ts'
import type { MetadataImage } from './metadata/image.ts'
import type { MetadataStore } from './metadata/store.ts'
import type { Partition } from './replication/partition.ts'
import type { WantedInternalTopic } from './replication/stray-folders.ts'
import type { World } from './world.ts'

/** How an internal topic is made; undefined for a topic of which no coordinator of this version makes use. */
export function internalTopicOf(
  name: string,
  settings: BrokerSettings,
): WantedInternalTopic | undefined {
  if (name === OFFSETS_TOPIC)
    return { ...offsetsTopic(settings), numPartitionsSetting: 'offsets.topic.num.partitions' }
  if (name === TRANSACTIONS_TOPIC)
    return {
      ...transactionsTopic(settings),
      numPartitionsSetting: 'transaction.state.log.num.partitions',
    }
  return undefined
}

export interface CoordinatorsOptions {
  readonly world: World
  readonly settings: BrokerSettings
  readonly brokerId: number
  readonly metadata: MetadataStore
  readonly partitions: { get(topicId: string, partition: number): Partition | undefined }
}

type Groups = LogCoordinator<GroupShardState, GroupChange, GroupEvent, GroupRules>
type Transactions = LogCoordinator<
  TransactionShardState,
  TransactionChange,
  TransactionEvent,
  TransactionRules,
  MarkerErrand
>

/** They begin to load what they find when they are made. */
export class Coordinators {
  readonly groups: Groups
  readonly transactions: Transactions
  readonly markers: MarkerTargets
  readonly verifier: TransactionVerifier
  readonly #markerWriter: MarkerWriter

  constructor(options: CoordinatorsOptions) {
    const { world, metadata, brokerId, partitions } = options
    const patientClock = new PatientClock(world.clock)
    const slices = new TurnSlices(world.clock)
    this.groups = groupsOf(options, { patientClock, slices })
    this.markers = new BrokerMarkers({
      ...{ brokerId, metadata, partitions, groups: this.groups },
      clock: world.clock,
    })
    this.#markerWriter = new MarkerWriter({ world, metadata, targets: this.markers })
    this.transactions = transactionsOf(options, { patientClock, slices }, this.#markerWriter)
    this.verifier = new CoordinatorVerifier(this.transactions)
  }

  metadataChanged(image: MetadataImage): void {
    this.groups.metadataChanged(image)
    this.transactions.metadataChanged(image)
  }

  /** Who waits for others, members to join or markers to be written, would hold up the end of a broker: all of them are refused. */
  stop(): void {
    this.#markerWriter.stop()
    this.transactions.stop()
    this.groups.stop()
  }
}

/** What the shards of all coordinators have in common. */
interface SharedTime {
  readonly patientClock: PatientClock
  readonly slices: TurnSlices
}

function groupsOf(options: CoordinatorsOptions, time: SharedTime): Groups {
  const { world, settings, brokerId, metadata, partitions } = options
  const codecs = nodeCodecs()
  return new LogCoordinator(
    {
      ...{ world, brokerId, partitions, codecs, ...time },
      topic: OFFSETS_TOPIC,
      logic: groupLogic,
      rulesOf: image => groupRulesOf(settings, image),
      build: { compression: offsetsCompression(settings), codecs, crc32c },
      makeTopic: () => makeInternalTopic({ world, settings, metadata }, offsetsTopic(settings)),
    },
    metadata.image,
  )
}

function transactionsOf(
  options: CoordinatorsOptions,
  time: SharedTime,
  markerWriter: MarkerWriter,
): Transactions {
  const { world, settings, brokerId, metadata, partitions } = options
  const codecs = nodeCodecs()
  return new LogCoordinator(
    {
      ...{ world, brokerId, partitions, codecs, ...time },
      topic: TRANSACTIONS_TOPIC,
      logic: transactionLogic,
      rulesOf: image => transactionRulesOf(settings, image),
      build: { compression: 'none', codecs, crc32c },
      perform: markerWriter.perform,
      makeTopic: () =>
        makeInternalTopic({ world, settings, metadata }, transactionsTopic(settings)),
    },
    metadata.image,
  )
}
