/** The features of a cluster, and the levels of them that this broker can work at. */

export interface SupportedFeature {
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
}

/**
 * A feature is listed once it is there. 7 is `metadata.version` 3.3-IV3, the lowest that Kafka 4.2 still accepts, and 29 is
 * 4.2-IV1, its own.
 */
export const supportedFeatures = [
  { name: 'metadata.version', minVersion: 7, maxVersion: 29 },
  { name: 'group.version', minVersion: 0, maxVersion: 1 },
  { name: 'transaction.version', minVersion: 0, maxVersion: 2 },
] as const satisfies readonly SupportedFeature[]

/** Undefined for a feature that this broker does not have. */
export function supportedFeature(name: string): SupportedFeature | undefined {
  return supportedFeatures.find(feature => feature.name === name)
}
