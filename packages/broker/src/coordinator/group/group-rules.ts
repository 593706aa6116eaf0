import type { BrokerSettings } from '../../config/broker-settings.ts'
import { groupSettingValue } from '../../config/group-configs.ts'
import { saturated } from '../../config/numbers.ts'
import type { MetadataImage } from '../../metadata/image.ts'
import { maxRecordBytes } from '../runtime/max-record-bytes.ts'
import { OFFSETS_TOPIC } from './offsets-topic.ts'

/** The settings that the group coordinator's decisions depend on, as plain values. Times in milliseconds. */
export interface GroupRules {
  readonly initialRebalanceDelayMs: number
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
  /** Members of a classic group. */
  readonly maxSize: number
  /** What key and value of one record may come to: what the offsets topic takes. */
  readonly maxRecordBytes: number
  readonly offsetMetadataMaxBytes: number
  readonly offsetsRetentionMs: number
  readonly offsetsRetentionCheckIntervalMs: number
  readonly rebalanceProtocols: readonly string[]
  readonly consumer: ConsumerGroupRules
}

/** KIP-848 groups. The functions give what is set on one group, within the broker's bounds. */
export interface ConsumerGroupRules {
  readonly maxSize: number
  /** The first is the default. */
  readonly assignors: readonly string[]
  readonly migrationPolicy: 'disabled' | 'downgrade' | 'upgrade' | 'bidirectional'
  readonly regexRefreshIntervalMs: number
  readonly sessionTimeoutMsOf: (groupId: string) => number
  readonly heartbeatIntervalMsOf: (groupId: string) => number
}

type NumberOfGroup = 'consumer.session.timeout.ms' | 'consumer.heartbeat.interval.ms'

/** The rules that the broker's settings and those of single groups in the image give. */
export function groupRulesOf(settings: BrokerSettings, image: MetadataImage): GroupRules {
  const numberOf = (name: NumberOfGroup): ((groupId: string) => number) => {
    const valueWith = (configs: ReadonlyMap<string, string>): number =>
      saturated(groupSettingValue(name, configs, settings).value ?? '0')
    const usual = valueWith(new Map())
    return groupId => {
      const configs = image.groupConfigs.get(groupId)
      return configs === undefined ? usual : valueWith(configs)
    }
  }
  return {
    initialRebalanceDelayMs: settings.int('group.initial.rebalance.delay.ms'),
    minSessionTimeoutMs: settings.int('group.min.session.timeout.ms'),
    maxSessionTimeoutMs: settings.int('group.max.session.timeout.ms'),
    maxSize: settings.int('group.max.size'),
    maxRecordBytes: maxRecordBytes(OFFSETS_TOPIC, settings, image),
    offsetMetadataMaxBytes: settings.int('offset.metadata.max.bytes'),
    offsetsRetentionMs: settings.int('offsets.retention.minutes') * 60_000,
    offsetsRetentionCheckIntervalMs: settings.int('offsets.retention.check.interval.ms'),
    rebalanceProtocols: settings.list('group.coordinator.rebalance.protocols'),
    consumer: {
      maxSize: settings.int('group.consumer.max.size'),
      assignors: settings.list('group.consumer.assignors'),
      migrationPolicy: migrationPolicyOf(settings),
      regexRefreshIntervalMs: settings.int('group.consumer.regex.refresh.interval.ms'),
      sessionTimeoutMsOf: numberOf('consumer.session.timeout.ms'),
      heartbeatIntervalMsOf: numberOf('consumer.heartbeat.interval.ms'),
    },
  }
}

/** Written in any case. */
function migrationPolicyOf(settings: BrokerSettings): ConsumerGroupRules['migrationPolicy'] {
  const text = settings.text('group.consumer.migration.policy') ?? ''
  return text.trim().toLowerCase() as ConsumerGroupRules['migrationPolicy']
}
