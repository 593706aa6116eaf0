/** What a topic's settings come to: its own values over the broker's, and from them what its logs need. */
import type { LogSettings } from '../log/log-settings.ts'
import type { TopicImage } from '../metadata/image.ts'
import { listItems, refusal } from './accepts.ts'
import type { BrokerSettings, Layer } from './broker-settings.ts'
import { isInternalTopic } from './internal-topics.ts'
import { saturated, scaled } from './numbers.ts'
import { TOPIC_SETTINGS, type TopicSettingName, topicSynonymsOf } from './settings-table.ts'

type Values = ReadonlyMap<string, string>

/** A setting's value on one topic and all values behind it, the strongest first. */
export interface TopicSettingValue {
  /** Null: there is none. In the unit of the topic setting. */
  readonly value: string | null
  readonly layers: readonly (Layer | TopicLayer)[]
}

export interface TopicLayer {
  readonly name: TopicSettingName
  readonly value: string
  readonly source: 'topic'
}

/** The value of one setting, given the values set on the topic. */
export function topicSettingValue(
  name: TopicSettingName,
  configs: Values,
  settings: BrokerSettings,
): TopicSettingValue {
  const own = configs.get(name)
  const layers: (Layer | TopicLayer)[] = []
  if (own !== undefined && refusal(TOPIC_SETTINGS[name], own) === undefined) {
    layers.push({ name, value: own, source: 'topic' })
  }
  for (const synonym of topicSynonymsOf(name)) layers.push(...settings.layers(synonym))
  const strongest = layers[0]
  const value = strongest === undefined ? TOPIC_SETTINGS[name].default : inTopicUnit(strongest)
  return { value, layers }
}

/** What the logs of a topic need of its settings. */
export function logSettingsOf(topic: TopicImage, settings: BrokerSettings): LogSettings {
  const text = (name: TopicSettingName): string =>
    (topicSettingValue(name, topic.configs, settings).value ?? '').trim()
  const number = (name: TopicSettingName): number => saturated(text(name))
  const internalSegmentBytes = text('internal.segment.bytes')
  const retentionMs = number('retention.ms')
  return {
    segmentBytes:
      internalSegmentBytes === '' ? number('segment.bytes') : saturated(internalSegmentBytes),
    segmentMs: number('segment.ms'),
    segmentJitterMs: number('segment.jitter.ms'),
    segmentIndexBytes: number('segment.index.bytes'),
    indexIntervalBytes: number('index.interval.bytes'),
    maxMessageBytes: number('max.message.bytes'),
    maxDecompressedBytes: number('max.decompressed.message.bytes'),
    timestampType: text('message.timestamp.type') as LogSettings['timestampType'],
    timestampBeforeMaxMs: number('message.timestamp.before.max.ms'),
    timestampAfterMaxMs: number('message.timestamp.after.max.ms'),
    compressionType: text('compression.type') as LogSettings['compressionType'],
    compressionGzipLevel: number('compression.gzip.level'),
    compressionLz4Level: number('compression.lz4.level'),
    compressionZstdLevel: number('compression.zstd.level'),
    cleanupPolicy: listItems(text('cleanup.policy')) as LogSettings['cleanupPolicy'][number][],
    retentionMs: retentionMs < 0 ? -1 : retentionMs,
    retentionBytes: Math.max(-1, number('retention.bytes')),
    fileDeleteDelayMs: number('file.delete.delay.ms'),
    deleteRetentionMs: number('delete.retention.ms'),
    minCleanableDirtyRatio: Number(text('min.cleanable.dirty.ratio')),
    minCompactionLagMs: number('min.compaction.lag.ms'),
    maxCompactionLagMs: number('max.compaction.lag.ms'),
    // What coordinators acknowledge is always durable, whatever the broker's default says.
    flushMode: isInternalTopic(topic.name)
      ? 'durable'
      : (text('flush.mode') as LogSettings['flushMode']),
    flushMessages: number('flush.messages'),
    flushMs: number('flush.ms'),
    minInsyncReplicas: number('min.insync.replicas'),
    batchValidation: text('produce.batch.validation') as LogSettings['batchValidation'],
  }
}

const millisecondsPer: readonly (readonly [string, number])[] = [
  ['.hours', 3_600_000],
  ['.minutes', 60_000],
]

/** A broker setting in hours or minutes stands in for a topic setting in milliseconds. */
function inTopicUnit(layer: Layer | TopicLayer): string {
  const unit = millisecondsPer.find(([suffix]) => layer.name.endsWith(suffix))
  if (unit === undefined) return layer.value
  // Kafka: any negative time means "no limit".
  return layer.value.trim().startsWith('-') ? '-1' : scaled(layer.value, unit[1])
}
