/** Kafka's settings of subscriptions to the metrics of clients (KIP-714). */
import { int, list } from './setting.ts'

export const clientMetricsSettings = {
  'interval.ms': int(
    '300000',
    '[100,...,3600000]',
    'client-metrics',
    'How often clients push their metrics.',
  ),
  match: list(
    '',
    'any',
    'client-metrics',
    'Which clients are meant: name=expression, comma-separated.',
  ),
  metrics: list('', 'any', 'client-metrics', 'Prefixes of the names of the metrics; * for all.'),
}
