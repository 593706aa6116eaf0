/** Decides whether features get other levels (KIP-584, KIP-778): all that a request names, or none. */
import type { Amendment } from './amend.ts'
import type { MetadataChange } from './change.ts'
import { supportedFeature } from './features.ts'
import type { MetadataImage } from './image.ts'
import type { Refusal } from './new-partitions.ts'

export interface FeatureUpdate {
  readonly feature: string
  readonly level: number
  /** As the protocol numbers it, see `UPGRADE_TYPE`; it may be any number. */
  readonly upgradeType: number
}

export const UPGRADE_TYPE = { UPGRADE: 1, SAFE_DOWNGRADE: 2, UNSAFE_DOWNGRADE: 3 } as const

export type FeaturesUpdated = { readonly error: 'NONE' } | Refusal

/** Below this level (4.0-IV1) a metadata log has no place for some of what it may hold. */
const METADATA_VERSION_WITHOUT_LOSS = 23

export function updateFeatures(
  image: MetadataImage,
  updates: readonly FeatureUpdate[],
): Amendment<FeaturesUpdated> {
  const changes: MetadataChange[] = []
  const named = new Set<string>()
  for (const update of updates) {
    const { feature: name, level: featureLevel } = update
    const message = named.has(name) ? 'it is named twice' : problemOf(image, update)
    if (message !== undefined) {
      const error = named.has(name) ? 'INVALID_REQUEST' : 'INVALID_UPDATE_VERSION'
      const outcome = {
        error,
        message: `The feature ${JSON.stringify(name.slice(0, 80))} cannot get level ${featureLevel}: ${message}. No feature was changed.`,
      } as const
      return { outcome, changes: [] }
    }
    named.add(name)
    if (featureLevel === (image.features.get(name) ?? 0)) continue
    changes.push({ type: 'FeatureLevelRecord', name, featureLevel })
  }
  return { outcome: { error: 'NONE' }, changes }
}

/** The rest of a sentence; undefined when nothing is wrong. */
function problemOf(image: MetadataImage, update: FeatureUpdate): string | undefined {
  const { feature, level, upgradeType } = update
  const supported = supportedFeature(feature)
  if (supported === undefined) return 'this broker does not have it'
  if (!Object.values<number>(UPGRADE_TYPE).includes(upgradeType)) {
    return `the kind of change ${upgradeType} is unknown; expected 1 (upgrade), 2 (safe downgrade) or 3 (unsafe downgrade)`
  }
  const { minVersion, maxVersion } = supported
  if (level < minVersion || level > maxVersion) {
    return `this broker works at levels ${minVersion} to ${maxVersion}`
  }
  const current = image.features.get(feature) ?? 0
  if (level >= current) return undefined
  if (upgradeType === UPGRADE_TYPE.UPGRADE) {
    return `it is at level ${current}, and a downgrade has to be asked for as one`
  }
  return feature === 'metadata.version' && level < METADATA_VERSION_WITHOUT_LOSS
    ? 'metadata would be lost, which this version does not do'
    : undefined
}
