/** Every setting that we know: Kafka 4.2's (compared with a reference by `scripts/check-settings.ts`) and Varve's own. */
import type { Setting } from './setting.ts'
import { clientMetricsSettings } from './settings-client-metrics.ts'
import { coordinatorSettings } from './settings-coordinators.ts'
import { groupSettings } from './settings-group.ts'
import { logSettings } from './settings-log.ts'
import { securitySettings } from './settings-security.ts'
import { serverSettings } from './settings-server.ts'
import { topicSettings, topicSynonyms } from './settings-topic.ts'
import { varveBrokerSettings, varveTopicSettings, varveTopicSynonyms } from './settings-varve.ts'

export const BROKER_SETTINGS = {
  ...serverSettings,
  ...logSettings,
  ...coordinatorSettings,
  ...securitySettings,
  ...varveBrokerSettings,
}

export const TOPIC_SETTINGS = { ...topicSettings, ...varveTopicSettings }

export const GROUP_SETTINGS = groupSettings

export const CLIENT_METRICS_SETTINGS = clientMetricsSettings

export type BrokerSettingName = keyof typeof BROKER_SETTINGS
export type TopicSettingName = keyof typeof TOPIC_SETTINGS
export type GroupSettingName = keyof typeof GROUP_SETTINGS
export type ClientMetricsSettingName = keyof typeof CLIENT_METRICS_SETTINGS

const synonyms: ReadonlyMap<string, readonly BrokerSettingName[]> = new Map<
  string,
  readonly BrokerSettingName[]
>(Object.entries({ ...topicSynonyms, ...varveTopicSynonyms }))

/** The broker settings that stand in for an unset topic setting, the strongest first. */
export function topicSynonymsOf(name: string): readonly BrokerSettingName[] {
  return synonyms.get(name) ?? []
}

const brokerRows: ReadonlyMap<string, Setting> = new Map(Object.entries(BROKER_SETTINGS))
const topicRows: ReadonlyMap<string, Setting> = new Map(Object.entries(TOPIC_SETTINGS))
const groupRows: ReadonlyMap<string, Setting> = new Map(Object.entries(GROUP_SETTINGS))
const clientMetricsRows: ReadonlyMap<string, Setting> = new Map(
  Object.entries(CLIENT_METRICS_SETTINGS),
)

/** The row of a setting by a name that came from outside; undefined when we know none. */
export function brokerSetting(name: string): Setting | undefined {
  return brokerRows.get(name)
}

export function topicSetting(name: string): Setting | undefined {
  return topicRows.get(name)
}

export function groupSetting(name: string): Setting | undefined {
  return groupRows.get(name)
}

export function clientMetricsSetting(name: string): Setting | undefined {
  return clientMetricsRows.get(name)
}

export function isBrokerSettingName(name: string): name is BrokerSettingName {
  return brokerRows.has(name)
}

export function isTopicSettingName(name: string): name is TopicSettingName {
  return topicRows.has(name)
}

export function isGroupSettingName(name: string): name is GroupSettingName {
  return groupRows.has(name)
}

/** Broker settings that mean the same thing, the strongest first. */
const brokerSynonyms: readonly (readonly BrokerSettingName[])[] = [
  ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours'],
  ['log.roll.ms', 'log.roll.hours'],
  ['log.roll.jitter.ms', 'log.roll.jitter.hours'],
  ['log.flush.interval.ms', 'log.flush.scheduler.interval.ms'],
]

/** The settings that a broker setting shares its meaning with, the strongest first and itself among them. */
export function brokerSynonymsOf(name: BrokerSettingName): readonly BrokerSettingName[] {
  return brokerSynonyms.find(group => group.includes(name)) ?? [name]
}
