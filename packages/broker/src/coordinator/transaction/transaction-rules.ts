import type { BrokerSettings } from '../../config/broker-settings.ts'
import type { MetadataImage } from '../../metadata/image.ts'
import { maxRecordBytes } from '../runtime/max-record-bytes.ts'
import type { TransactionVersion } from './transaction.ts'
import { TRANSACTIONS_TOPIC } from './transactions-topic.ts'

/** The settings that the transaction coordinator's decisions depend on, as plain values. Times in milliseconds. */
export interface TransactionRules {
  /** The longest time that a producer may ask for. */
  readonly maxTimeoutMs: number
  /** An id that nobody has used for this long is forgotten. */
  readonly idExpirationMs: number
  readonly idExpirationCheckIntervalMs: number
  /** What key and value of one record may come to: what the topic takes. */
  readonly maxRecordBytes: number
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
    maxRecordBytes: maxRecordBytes(TRANSACTIONS_TOPIC, settings, image),
    transactionVersion: level >= 2 ? 2 : level >= 1 ? 1 : 0,
  }
}
