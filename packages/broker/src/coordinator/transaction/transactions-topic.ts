import type { BrokerSettings } from '../../config/broker-settings.ts'
import type { WantedTopic } from '../../metadata/create-topics.ts'

/** Where transactional ids are kept. */
export const TRANSACTIONS_TOPIC = '__transaction_state'

/** The topic as Kafka makes it. The number of its partitions says which one keeps an id, so it never changes. */
export function transactionsTopic(settings: BrokerSettings): WantedTopic {
  return {
    name: TRANSACTIONS_TOPIC,
    numPartitions: settings.int('transaction.state.log.num.partitions'),
    replicationFactor: settings.int('transaction.state.log.replication.factor'),
    assignments: [],
    configs: [
      { name: 'compression.type', value: 'uncompressed' },
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'min.insync.replicas', value: String(settings.int('transaction.state.log.min.isr')) },
      { name: 'segment.bytes', value: String(settings.int('transaction.state.log.segment.bytes')) },
      { name: 'unclean.leader.election.enable', value: 'false' },
    ],
  }
}
