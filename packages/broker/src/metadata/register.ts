/** What a broker says when it starts: its registration, and the feature levels of a new cluster. */
import type { MetadataChange, RegisteredEndPoint } from './change.ts'
import type { MetadataImage } from './image.ts'

export interface StartingBroker {
  readonly brokerId: number
  readonly incarnationId: string
  readonly endPoints: readonly RegisteredEndPoint[]
  readonly rack: string | null
  readonly logDirs: readonly string[]
  readonly lastStop: 'clean' | 'unclean'
}

/**
 * The feature levels of a new cluster, the highest that this version of Varve works at. `metadata.version` 29 is Kafka's 4.2-IV1, `group.version` 1 has consumer groups (KIP-848),
 * and with `transaction.version` 2 every transaction has an epoch of its own (KIP-890).
 */
export const FEATURE_LEVELS: ReadonlyMap<string, number> = new Map([
  ['metadata.version', 29],
  ['group.version', 1],
  ['transaction.version', 2],
])

/**
 * The records of a start. After a clean stop a known broker has nothing to say; after an unclean one its registration
 * bumps the leader epoch of every partition that it leads, so that nobody mixes up what was lost with what comes now.
 */
export function changesOfStart(image: MetadataImage, broker: StartingBroker): MetadataChange[] {
  const changes: MetadataChange[] = []
  for (const [name, featureLevel] of FEATURE_LEVELS) {
    // A level that somebody chose (UpdateFeatures) stays, also one that switches the feature off.
    if (image.features.has(name)) continue
    changes.push({ type: 'FeatureLevelRecord', name, featureLevel })
  }
  const { lastStop, ...registration } = broker
  if (lastStop === 'unclean' || !image.brokers.has(broker.brokerId)) {
    changes.push({ type: 'RegisterBrokerRecord', ...registration, brokerEpoch: image.revision })
  }
  return changes
}
