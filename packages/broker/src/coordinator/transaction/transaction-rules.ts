import type { BrokerSettings } from '../../config/broker-settings.ts'
import type { MetadataImage } from '../../metadata/image.ts'
import type { TransactionVersion } from './transaction.ts'

/** The settings that the transaction coordinator's decisions depend on, as plain values. Times in milliseconds. */
export interface TransactionRules {
  /** The longest time that a producer may ask for. */
  readonly maxTimeoutMs: number
  /** An id that nobody has used for this long is forgotten. */
  readonly idExpirationMs: number
  readonly idExpirationCheckIntervalMs: number
  /** The finalized level of `transaction.version`: how the coordinator ends what no client ends. */
  readonly transactionVersion: TransactionVersion
}

/** The rules that the broker's settings and the image give. */
export function transactionRulesOf(
  settings: BrokerSettings,
  image: MetadataImage,
): TransactionRules {
  const level = image.features.get('transaction.version') ?? 0
  return {
    maxTimeoutMs: settings.int('transaction.max.timeout.ms'),
    idExpirationMs: settings.int('transactional.id.expiration.ms'),
    idExpirationCheckIntervalMs: settings.int(
      'transaction.remove.expired.transaction.cleanup.interval.ms',
    ),
    transactionVersion: level >= 2 ? 2 : level >= 1 ? 1 : 0,
  }
}
