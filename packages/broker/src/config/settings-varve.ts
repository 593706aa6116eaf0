/** Settings that are Varve's own. */
import { int, long, string } from './setting.ts'

export const varveBrokerSettings = {
  'flush.mode': string(
    'durable',
    '[durable, relaxed]',
    'cluster-wide',
    'Default of the topic setting flush.mode.',
  ),
  'produce.batch.validation': string(
    'header',
    '[header, strict]',
    'cluster-wide',
    'Default of the topic setting produce.batch.validation.',
  ),
  'max.decompressed.message.bytes': int(
    '134217728',
    '[1048576,...]',
    'cluster-wide',
    'Opening a compressed batch stops after this many bytes.',
  ),
  'log.tail.cache.bytes': long(
    '67108864',
    '[0,...]',
    'read-only',
    'Newest appended bytes kept in memory, over all partitions.',
  ),
  'log.open.files.max': int(
    '4096',
    '[1,...]',
    'read-only',
    'Segment files kept open at once. The least recently used are closed beyond it, but for those with bytes that are not synced.',
  ),
  'journal.file.bytes': int(
    '67108864',
    '[1048576,...]',
    'read-only',
    'Size of one preallocated journal file.',
  ),
  'journal.inline.batch.max.bytes': int(
    '65536',
    '[0,...]',
    'read-only',
    'A batch of this size or larger is not copied to the journal: its segment is synced instead.',
  ),
  'journal.segment.sync.bytes': long(
    '33554432',
    '[1,...]',
    'read-only',
    'Unsynced segment bytes after which segments are synced in the background.',
  ),
  'journal.segment.sync.interval.ms': long(
    '5000',
    '[1,...]',
    'read-only',
    'Age of unsynced segment bytes after which segments are synced in the background.',
  ),
  'log.scrub.max.bytes.per.second': long(
    '4194304',
    '[0,...]',
    'cluster-wide',
    'How fast logs are read again in the background, to find damaged record batches; 0: not at all.',
  ),
  'log.scrub.interval.ms': long(
    '604800000',
    '[1,...]',
    'cluster-wide',
    'How long after all logs were read again this begins anew.',
  ),
  'connection.inflight.max.bytes': long(
    '134217728',
    '[1,...]',
    'read-only',
    'Request and answer bytes of one connection after which it is not read any further.',
  ),
  'broker.inflight.max.bytes': long(
    '1073741824',
    '[1,...]',
    'read-only',
    'Request and answer bytes of all connections after which none is read any further.',
  ),
  'connection.inflight.max.requests': int(
    '1000',
    '[1,...]',
    'read-only',
    'Unanswered requests of one connection after which it is not read any further.',
  ),
  'request.read.timeout.ms': int(
    '30000',
    '[1,...]',
    'read-only',
    'A frame that has begun must be complete after this time.',
  ),
  'fetch.max.wait.max.ms': int(
    '600000',
    '[1,...]',
    'read-only',
    'The longest time that a Fetch may ask to wait.',
  ),
  'topic.partitions.max': int('10000', '[1,...]', 'read-only', 'The most partitions of one topic.'),
  'broker.partitions.max': int(
    '100000',
    '[1,...]',
    'read-only',
    'The most partitions of all topics together.',
  ),
  'producer.ids.max': int(
    '1000000',
    '[1,...]',
    'read-only',
    'The most producer ids that the logs remember together.',
  ),
} as const

export const varveTopicSettings = {
  'flush.mode': string(
    'durable',
    '[durable, relaxed]',
    'topic',
    'durable: acknowledged records are synced to the disk; relaxed: flush.messages and flush.ms decide.',
  ),
  'produce.batch.validation': string(
    'header',
    '[header, strict]',
    'topic',
    'strict: every record of a produced batch is opened and checked.',
  ),
  'max.decompressed.message.bytes': int(
    '134217728',
    '[1048576,...]',
    'topic',
    'Opening a compressed batch stops after this many bytes.',
  ),
} as const

/** The broker settings that stand in for our own topic settings, the strongest first. */
export const varveTopicSynonyms = {
  'flush.mode': ['flush.mode'],
  'produce.batch.validation': ['produce.batch.validation'],
  'max.decompressed.message.bytes': ['max.decompressed.message.bytes'],
} as const
