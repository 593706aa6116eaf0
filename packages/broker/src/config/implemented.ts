/** Which of the known settings Varve acts on. The others are accepted, and a warning says that they have no effect. */
import type { BrokerSettingName, GroupSettingName, TopicSettingName } from './settings-table.ts'

const brokerSettings: readonly BrokerSettingName[] = [
  'advertised.listeners',
  'auto.create.topics.enable',
  'broker.id',
  'broker.rack',
  'compression.gzip.level',
  'compression.lz4.level',
  'compression.type',
  'compression.zstd.level',
  'connections.max.idle.ms',
  'default.replication.factor',
  'delete.topic.enable',
  'fetch.max.bytes',
  'group.consumer.assignors',
  'group.consumer.heartbeat.interval.ms',
  'group.consumer.max.heartbeat.interval.ms',
  'group.consumer.max.session.timeout.ms',
  'group.consumer.max.size',
  'group.consumer.migration.policy',
  'group.consumer.min.heartbeat.interval.ms',
  'group.consumer.min.session.timeout.ms',
  'group.consumer.regex.refresh.interval.ms',
  'group.consumer.session.timeout.ms',
  'group.coordinator.rebalance.protocols',
  'group.initial.rebalance.delay.ms',
  'group.max.session.timeout.ms',
  'group.max.size',
  'group.min.session.timeout.ms',
  'listener.security.protocol.map',
  'listeners',
  'log.cleanup.policy',
  'log.dir',
  'log.dirs',
  'log.flush.interval.messages',
  'log.flush.interval.ms',
  'log.flush.offset.checkpoint.interval.ms',
  'log.flush.scheduler.interval.ms',
  'log.index.interval.bytes',
  'log.index.size.max.bytes',
  'log.message.timestamp.after.max.ms',
  'log.message.timestamp.before.max.ms',
  'log.message.timestamp.type',
  'log.retention.bytes',
  'log.retention.check.interval.ms',
  'log.retention.hours',
  'log.retention.minutes',
  'log.retention.ms',
  'log.roll.hours',
  'log.roll.jitter.hours',
  'log.roll.jitter.ms',
  'log.roll.ms',
  'log.segment.bytes',
  'log.segment.delete.delay.ms',
  'max.connections',
  'max.connections.per.ip',
  'max.incremental.fetch.session.cache.slots',
  'max.request.partition.size.limit',
  'message.max.bytes',
  'metadata.log.max.record.bytes.between.snapshots',
  'min.insync.replicas',
  'node.id',
  'num.partitions',
  'offset.metadata.max.bytes',
  'offsets.retention.check.interval.ms',
  'offsets.retention.minutes',
  'offsets.topic.compression.codec',
  'offsets.topic.num.partitions',
  'offsets.topic.replication.factor',
  'offsets.topic.segment.bytes',
  'process.roles',
  'producer.id.expiration.check.interval.ms',
  'producer.id.expiration.ms',
  'socket.request.max.bytes',
  'broker.inflight.max.bytes',
  'broker.partitions.max',
  'connection.inflight.max.bytes',
  'connection.inflight.max.requests',
  'fetch.max.wait.max.ms',
  'flush.mode',
  'journal.file.bytes',
  'journal.inline.batch.max.bytes',
  'journal.segment.sync.bytes',
  'journal.segment.sync.interval.ms',
  'log.tail.cache.bytes',
  'max.decompressed.message.bytes',
  'produce.batch.validation',
  'producer.ids.max',
  'request.read.timeout.ms',
  'topic.partitions.max',
]

const topicSettings: readonly TopicSettingName[] = [
  'cleanup.policy',
  'compression.gzip.level',
  'compression.lz4.level',
  'compression.type',
  'compression.zstd.level',
  'file.delete.delay.ms',
  'flush.messages',
  'flush.mode',
  'flush.ms',
  'index.interval.bytes',
  'internal.segment.bytes',
  'max.decompressed.message.bytes',
  'max.message.bytes',
  'message.timestamp.after.max.ms',
  'message.timestamp.before.max.ms',
  'message.timestamp.type',
  'min.insync.replicas',
  'produce.batch.validation',
  'retention.bytes',
  'retention.ms',
  'segment.bytes',
  'segment.index.bytes',
  'segment.jitter.ms',
  'segment.ms',
]

const groupSettings: readonly GroupSettingName[] = [
  'consumer.heartbeat.interval.ms',
  'consumer.session.timeout.ms',
]

const implemented = {
  broker: new Set<string>(brokerSettings),
  topic: new Set<string>(topicSettings),
  group: new Set<string>(groupSettings),
} as const

/** Whether Varve acts on the setting. */
export function isImplemented(of: keyof typeof implemented, name: string): boolean {
  return implemented[of].has(name)
}

/**
 * What a configuration for Kafka has to say about its controllers. It means nothing to a broker that stands alone, and is
 * not worth a warning.
 */
export function isAboutControllers(name: string): boolean {
  return (
    name.startsWith('controller.') ||
    name === 'inter.broker.listener.name' ||
    name === 'security.inter.broker.protocol'
  )
}
