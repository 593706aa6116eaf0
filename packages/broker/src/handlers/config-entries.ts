/** Settings as DescribeConfigs and CreateTopics say them: value, where it comes from, and what is behind it. */
import type { BrokerSettings, LayerSource } from '../config/broker-settings.ts'
import { isAlterable } from '../config/dynamic-broker-configs.ts'
import { groupSettingValue } from '../config/group-configs.ts'
import { isSensitive, type Setting, type SettingType } from '../config/setting.ts'
import {
  BROKER_SETTINGS,
  type BrokerSettingName,
  brokerSynonymsOf,
  CLIENT_METRICS_SETTINGS,
  type ClientMetricsSettingName,
  GROUP_SETTINGS,
  type GroupSettingName,
  TOPIC_SETTINGS,
  type TopicSettingName,
  topicSynonymsOf,
} from '../config/settings-table.ts'
import { topicSettingValue } from '../config/topic-settings.ts'

export interface ConfigEntry {
  readonly name: string
  /** Null for a secret, and where there is none. */
  readonly value: string | null
  readonly readOnly: boolean
  readonly configSource: number
  readonly isSensitive: boolean
  readonly synonyms: readonly {
    readonly name: string
    readonly value: string | null
    readonly source: number
  }[]
  readonly configType: number
  readonly documentation: string
}

type Source = LayerSource | 'topic' | 'group' | 'client-metrics'

/** Where a value comes from, as the protocol numbers it. */
const sources: { readonly [source in Source]: number } = {
  topic: 1,
  broker: 2,
  cluster: 3,
  given: 4,
  default: 5,
  'client-metrics': 7,
  group: 8,
}

const types: { readonly [type in SettingType]: number } = {
  BOOLEAN: 1,
  STRING: 2,
  INT: 3,
  SHORT: 4,
  LONG: 5,
  DOUBLE: 6,
  LIST: 7,
  CLASS: 8,
  PASSWORD: 9,
}

interface AnyLayer {
  readonly name: string
  readonly value: string
  readonly source: Source
}

export function topicConfigEntries(
  configs: ReadonlyMap<string, string>,
  settings: BrokerSettings,
): ConfigEntry[] {
  return namesOf<TopicSettingName>(TOPIC_SETTINGS).map(name => {
    const { value, layers } = topicSettingValue(name, configs, settings)
    const { source = 'default' } = layers[0] ?? {}
    return entry(name, TOPIC_SETTINGS[name], {
      ...{ value, source, readOnly: false },
      layers: withoutFarDefaults(layers, topicSynonymsOf(name)[0]),
    })
  })
}

export function groupConfigEntries(
  configs: ReadonlyMap<string, string>,
  settings: BrokerSettings,
): ConfigEntry[] {
  return namesOf<GroupSettingName>(GROUP_SETTINGS).map(name => {
    const { value, layers } = groupSettingValue(name, configs, settings)
    const { source = 'default' } = layers[0] ?? {}
    const shown = layers.length === 1 ? layers : withoutFarDefaults(layers, undefined)
    return entry(name, GROUP_SETTINGS[name], { value, source, layers: shown, readOnly: false })
  })
}

export function clientMetricsConfigEntries(configs: ReadonlyMap<string, string>): ConfigEntry[] {
  return namesOf<ClientMetricsSettingName>(CLIENT_METRICS_SETTINGS).map(name => {
    const setting = CLIENT_METRICS_SETTINGS[name]
    const own = configs.get(name)
    const layers: AnyLayer[] =
      own === undefined ? [] : [{ name, value: own, source: 'client-metrics' }]
    return entry(name, setting, { value: own ?? setting.default, layers, readOnly: false })
  })
}

export function brokerConfigEntries(settings: BrokerSettings): ConfigEntry[] {
  return namesOf<BrokerSettingName>(BROKER_SETTINGS).map(name => {
    const setting = BROKER_SETTINGS[name]
    const own = settings.layers(name)
    const layers = brokerSynonymsOf(name).flatMap(synonym => settings.layers(synonym))
    return entry(name, setting, {
      value: own[0]?.value ?? null,
      source: own[0]?.source ?? 'default',
      layers: withoutFarDefaults(layers, name),
      readOnly: !isAlterable(name, setting, 'broker'),
    })
  })
}

/** As Kafka tells them: of settings that stand in for one, defaults are told only behind a value of the nearest. */
function withoutFarDefaults(layers: readonly AnyLayer[], nearest: string | undefined): AnyLayer[] {
  const first = layers.findIndex(({ name }) => name === nearest)
  return layers.filter(
    ({ source }, place) => source !== 'default' || (first >= 0 && place >= first),
  )
}

/** What was set for all brokers at run time, and nothing else. */
export function clusterDefaultEntries(configs: ReadonlyMap<string, string>): ConfigEntry[] {
  return namesOf<BrokerSettingName>(BROKER_SETTINGS).flatMap(name => {
    const value = configs.get(name)
    if (value === undefined) return []
    const layers: AnyLayer[] = [{ name, value, source: 'cluster' }]
    return [entry(name, BROKER_SETTINGS[name], { value, layers, readOnly: false })]
  })
}

function entry(
  name: string,
  setting: Setting,
  of: {
    readonly value: string | null
    /** Where the value comes from, if not from the strongest layer. */
    readonly source?: Source
    readonly layers: readonly AnyLayer[]
    readonly readOnly: boolean
  },
): ConfigEntry {
  const hidden = isSensitive(setting)
  const source = of.source ?? of.layers[0]?.source ?? 'default'
  return {
    name,
    value: hidden ? null : of.value,
    readOnly: of.readOnly,
    configSource: sources[source],
    isSensitive: hidden,
    synonyms: of.layers.map(layer => ({
      name: layer.name,
      value: hidden ? null : layer.value,
      source: sources[layer.source],
    })),
    configType: types[setting.type],
    documentation: setting.about,
  }
}

/** The settings that are shown, by name. */
function namesOf<N extends string>(table: { readonly [name in N]: Setting }): N[] {
  const names = Object.keys(table) as N[]
  return names.filter(name => !table[name].isInternal).sort()
}
